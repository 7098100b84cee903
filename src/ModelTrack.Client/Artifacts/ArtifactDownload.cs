using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>Copies a run's artifacts to the local disk through a backend.</summary>
internal static class ArtifactDownload
{
    public static Task<string> RunAsync(
        ITrackingBackend backend, string runId, string destination, string path, CancellationToken cancellationToken)
        => throw new NotImplementedException();
}
