using ModelTrack.Client.Numbers;

namespace ModelTrack.Client.Backends.Files;

/// <summary>One line of a metric's file: <c>timestamp value step</c>.</summary>
internal static class MetricLine
{
    /// <summary>
    /// Reads a line of 2 fields (step 0), 3, or 5 (with a dataset's name and digest). MLflow reads the step of the last form as 0,
    /// which is a slip: it is the third field there too.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out MetricPoint point)
        => TryParseUsual(line, out point) || TryParseAny(line, out point);

    /// <summary>A line as MLflow and this client write nearly all of them, in one pass; false leaves it to the other.</summary>
    private static bool TryParseUsual(ReadOnlySpan<byte> line, out MetricPoint point)
    {
        var at = 0;
        point = default;
        if (!DecimalReader.TryReadInteger(line, ref at, out var timestamp) || !TrySkipBlank(line, ref at)
            || !DecimalReader.TryReadDouble(line, ref at, out var value) || !TrySkipBlank(line, ref at)
            || !DecimalReader.TryReadInteger(line, ref at, out var step) || at < line.Length)
        {
            return false;
        }

        point = new MetricPoint(value, step, timestamp);
        return true;
    }

    private static bool TrySkipBlank(ReadOnlySpan<byte> line, ref int at) => at < line.Length && line[at++] == (byte)' ';

    private static bool TryParseAny(ReadOnlySpan<byte> line, out MetricPoint point)
    {
        point = default;
        line = line.Trim(" \t\r\n\f\v"u8);
        var first = line.IndexOf((byte)' ');
        if (first < 0)
        {
            return false;
        }

        var rest = line[(first + 1)..];
        var second = rest.IndexOf((byte)' ');
        var value = second < 0 ? rest : rest[..second];
        var step = 0L;
        if (second >= 0)
        {
            rest = rest[(second + 1)..];
            var third = rest.IndexOf((byte)' ');
            if (third >= 0 && rest[(third + 1)..].Count((byte)' ') != 1)
            {
                return false;
            }

            if (!PythonNumber.TryParseInteger(third < 0 ? rest : rest[..third], out step))
            {
                return false;
            }
        }

        if (!PythonNumber.TryParseInteger(line[..first], out var timestamp) || !PythonNumber.TryParseFloat(value, out var number))
        {
            return false;
        }

        point = new MetricPoint(number, step, timestamp);
        return true;
    }
}
