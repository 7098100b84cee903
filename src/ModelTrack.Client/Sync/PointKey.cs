namespace ModelTrack.Client;

/// <summary>A metric point as it is compared: NaN equals itself, and 0 is not -0, unless a database is on one side.</summary>
internal readonly record struct PointKey(long Bits, long Step, long Timestamp)
{
    private static readonly long Nan = BitConverter.DoubleToInt64Bits(double.NaN);

    /// <param name="point">The point.</param>
    /// <param name="isMerging">Whether one of the stores is a database, which keeps infinities as the greatest numbers, -0 as 0.</param>
    public static PointKey Of(in MetricPoint point, bool isMerging)
    {
        var value = point.Value;
        if (isMerging)
        {
            value = double.IsInfinity(value) ? Math.CopySign(double.MaxValue, value) : value == 0 ? 0 : value;
        }

        return new PointKey(double.IsNaN(value) ? Nan : BitConverter.DoubleToInt64Bits(value), point.Step, point.TimestampMilliseconds);
    }

    /// <summary>Whether a point comes behind another in a database's order.</summary>
    public bool IsBehind(in PointKey other)
        => Timestamp != other.Timestamp ? Timestamp > other.Timestamp
            : Step != other.Step ? Step > other.Step
            : BitConverter.Int64BitsToDouble(Bits) > BitConverter.Int64BitsToDouble(other.Bits);
}
