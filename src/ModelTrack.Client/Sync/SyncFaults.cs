using System.Net;

namespace ModelTrack.Client;

/// <summary>What a failure keeps from being copied.</summary>
internal static class SyncFaults
{
    /// <summary>It is about one thing, or a store is away; a mistake of the program is neither.</summary>
    public static bool IsKnown(Exception e)
        => e is ModelTrackException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    /// <summary>
    /// It is about one thing, and the others may still be copied. A 500 is: MLflow answers so to a file whose name it cannot send.
    /// </summary>
    public static bool IsOfOneThing(Exception e) => IsKnown(e) && !IsAway(e);

    private static bool IsAway(Exception e) => e is ModelTrackException
    {
        IsTransient: true, StatusCode: null or not HttpStatusCode.InternalServerError
    };
}
