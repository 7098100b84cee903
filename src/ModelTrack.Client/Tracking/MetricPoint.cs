using System.Globalization;

namespace ModelTrack.Client;

/// <summary>
/// One logged value of a metric. Converts to its <see cref="Value"/>, so that <c>run.Metrics["auc"] &gt; 0.9</c> reads as meant.
/// </summary>
/// <param name="Value">The value; NaN and the infinities are legal.</param>
/// <param name="Step">The step, by the caller's own count; may be negative.</param>
/// <param name="TimestampMilliseconds">When it was logged, in milliseconds since 1970-01-01 UTC.</param>
public readonly record struct MetricPoint(double Value, long Step, long TimestampMilliseconds) : IFormattable
{
    /// <summary>
    /// When it was logged, in UTC, to the millisecond. A stored time before 1970 is shown as 1970, one beyond what
    /// <see cref="DateTimeOffset"/> can hold as its greatest value; <see cref="TimestampMilliseconds"/> has it as stored.
    /// </summary>
    public DateTimeOffset Timestamp => UnixTime.Of(TimestampMilliseconds);

    /// <summary>The point's <see cref="Value"/>.</summary>
    /// <param name="point">The point.</param>
    public static implicit operator double(MetricPoint point) => point.Value;

    /// <summary>The point's <see cref="Value"/>; the form that languages without conversions use.</summary>
    /// <returns>The value.</returns>
    public double ToDouble() => Value;

    /// <inheritdoc/>
    public override string ToString() => ToString(null, CultureInfo.InvariantCulture);

    /// <summary>Formats the <see cref="Value"/>.</summary>
    /// <param name="format">A numeric format string.</param>
    /// <param name="formatProvider">The culture.</param>
    /// <returns>The value as text.</returns>
    public string ToString(string? format, IFormatProvider? formatProvider) => Value.ToString(format, formatProvider);
}
