using System.Globalization;
using ModelTrack.Client.Numbers;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// One line of a metric file: <c>timestamp SP value SP step LF</c>, byte for byte as MLflow writes it. A line is a function of its
/// point alone: recovery forms the expected bytes again and looks for them.
/// </summary>
internal static class MetricLineWriter
{
    /// <summary>No line is longer.</summary>
    public const int MaxLength = 20 + 1 + PythonFloat.MaxLength + 1 + 20 + 1;

    /// <summary>Writes the line and returns its length; the span must hold <see cref="MaxLength"/> bytes.</summary>
    public static int Write(in MetricPoint point, Span<byte> destination)
    {
        point.TimestampMilliseconds.TryFormat(destination, out var length, default, CultureInfo.InvariantCulture);
        destination[length++] = (byte)' ';
        length += PythonFloat.Write(point.Value, destination[length..]);
        destination[length++] = (byte)' ';
        point.Step.TryFormat(destination[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
        destination[length++] = (byte)'\n';
        return length;
    }
}
