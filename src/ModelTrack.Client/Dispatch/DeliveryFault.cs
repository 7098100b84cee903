using System.Net;

namespace ModelTrack.Client.Dispatch;

/// <summary>What a failure to deliver means for what was to be delivered.</summary>
internal enum DeliveryFault
{
    /// <summary>The store said no to these records: they are rejected.</summary>
    Refused,

    /// <summary>This run cannot be written now; the others can.</summary>
    RunBlocked,

    /// <summary>Nobody can write now.</summary>
    StoreAway,

    /// <summary>Nobody foresaw it. It is taken for one that passes, some times.</summary>
    Unforeseen,
}

internal static class DeliveryFaults
{
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(5);

    public static DeliveryFault Of(Exception exception) => exception switch
    {
        // A server that answers 500 to one run's batch may take the others'.
        ModelTrackException { IsTransient: true } e => e.StatusCode == HttpStatusCode.InternalServerError ? DeliveryFault.RunBlocked : DeliveryFault.StoreAway,

        // Nothing is given up because a password has expired, somebody mends the proxy or the server is being replaced. A run's own experiment
        // may be closed to these credentials.
        ModelTrackException { StatusCode: HttpStatusCode.Forbidden } => DeliveryFault.RunBlocked,
        ModelTrackException { StatusCode: HttpStatusCode.Unauthorized } => DeliveryFault.StoreAway,
        ModelTrackException { StatusCode: null or HttpStatusCode.RequestEntityTooLarge } or ModelTrackException { IsServersWord: true } => DeliveryFault.Refused,
        ModelTrackException => DeliveryFault.StoreAway,
        IOException or UnauthorizedAccessException or OperationCanceledException => DeliveryFault.RunBlocked,
        _ => DeliveryFault.Unforeseen,
    };

    /// <summary>Whether the records may be in the store all the same.</summary>
    public static bool MayBeStored(Exception exception) => exception is not ModelTrackException { MayBeApplied: false };

    public static TimeSpan? AskedWait(Exception exception)
        => exception is ModelTrackException { RetryAfter: { } asked } ? (asked < LongestAsked ? asked : LongestAsked) : null;
}
