using System.Net;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// Until when a request that got no answer may still be under way. Nobody tells: a server that was slow for a minute, or a proxy that gave
/// up on one, says nothing of when it will be done. As long again as the request had taken is taken for enough, within limits.
/// </summary>
/// <param name="From">The clock's timestamp when it was given up.</param>
/// <param name="For">How long after that.</param>
internal readonly record struct LateAnswer(long From, TimeSpan For)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>What a process had under way when it died.</summary>
    private static readonly TimeSpan OfTheDead = TimeSpan.FromSeconds(2);

    public static TimeSpan Shortest { get; } = TimeSpan.FromSeconds(1);

    /// <summary>For a failure of a request that began at a timestamp. A server that says 500 has done what it does.</summary>
    public static LateAnswer Of(Exception failure, long began, TimeProvider clock)
    {
        if (!DeliveryFaults.MayBeStored(failure) || failure is ModelTrackException { StatusCode: HttpStatusCode.InternalServerError })
        {
            return default;
        }

        var taken = clock.GetElapsedTime(began);
        return new LateAnswer(clock.GetTimestamp(), taken < Shortest ? Shortest : taken > Longest ? Longest : taken);
    }

    public static LateAnswer AfterDeath(TimeProvider clock) => new(clock.GetTimestamp(), OfTheDead);

    /// <summary>How long it may still be under way; zero when it is over.</summary>
    public TimeSpan Left(TimeProvider clock)
        => For > TimeSpan.Zero && For - clock.GetElapsedTime(From) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
