namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>
/// Real MLflow servers to run the conformance tests against: the URIs in the environment variable <c>MODELTRACK_TEST_TRACKING_URI</c>,
/// separated by blanks. Without it there are none, and no such tests.
/// </summary>
internal static class LiveServers
{
    public static string[] Uris { get; }
        = (Environment.GetEnvironmentVariable("MODELTRACK_TEST_TRACKING_URI") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static ModelTrack.Client.Backends.Rest.RestBackend Open(string uri) => ModelTrack.Client.Backends.Rest.RestBackend.Open(
        TrackingUri.Parse(uri),
        new TrackerOptions(),
        TrackingEnvironment.Process,
        Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
}
