namespace ModelTrack.Client.Backends;

/// <summary>Which of a metric's points is its latest.</summary>
internal static class MetricOrder
{
    /// <summary>
    /// By step, then timestamp, then value, compared as Python's <c>max()</c> over tuples does it: with a NaN on either side the point that
    /// came first stays.
    /// </summary>
    public static bool IsLater(in MetricPoint point, in MetricPoint best)
        => point.Step != best.Step ? point.Step > best.Step
            : point.TimestampMilliseconds != best.TimestampMilliseconds ? point.TimestampMilliseconds > best.TimestampMilliseconds
            : point.Value > best.Value;
}
