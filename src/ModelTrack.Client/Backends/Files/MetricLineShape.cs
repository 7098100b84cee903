using System.Buffers.Text;
using System.Globalization;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Whether bytes in a metric file are a whole line. Stricter than <see cref="MetricLine"/>, which reads all that Python reads: what is
/// judged here may be torn, and a <c>0.</c> of <c>0.5</c> must not pass for a value.
/// </summary>
internal static class MetricLineShape
{
    /// <summary>
    /// The number of fields of a line that MLflow reads (2, 3 or 5), and its timestamp; 0 when MLflow would stop at it.
    /// </summary>
    public static int Fields(ReadOnlySpan<byte> line, out long timestamp)
    {
        timestamp = 0;
        line = line.TrimEnd("\r\n"u8);
        var fields = line.Count((byte)' ') + 1;
        if (fields is not (2 or 3 or 5))
        {
            return 0;
        }

        var rest = line;
        return IsInteger(Next(ref rest), out timestamp)
            && IsFloat(Next(ref rest))
            && (fields == 2 || IsInteger(Next(ref rest), out _))
            && (fields < 5 || (!Next(ref rest).IsEmpty && !Next(ref rest).IsEmpty)) ? fields : 0;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)' ');
        var field = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return field;
    }

    private static bool IsInteger(ReadOnlySpan<byte> text, out long value)
        => Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;

    private static bool IsFloat(ReadOnlySpan<byte> text)
        => (!text.IsEmpty && text[^1] is >= (byte)'0' and <= (byte)'9'
            && double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out _))
            || text.SequenceEqual("nan"u8) || text.SequenceEqual("inf"u8) || text.SequenceEqual("-inf"u8)
            || text.SequenceEqual("NaN"u8) || text.SequenceEqual("Infinity"u8) || text.SequenceEqual("-Infinity"u8);
}
