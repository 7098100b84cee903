namespace ModelTrack.Client;

/// <summary>Times as MLflow has them: milliseconds since 1970-01-01 UTC.</summary>
internal static class UnixTime
{
    private static readonly long MaxMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>A time that was stored or received: what is before 1970 is 1970, what no <see cref="DateTimeOffset"/> can hold its greatest value.</summary>
    public static DateTimeOffset Of(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, MaxMilliseconds));
}
