using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

/// <summary>The MLflow server that tests of every kind of store also run against when <c>MODELTRACK_TEST_TRACKING_URI</c> names one.</summary>
internal static class TestServer
{
    /// <summary>None or one, as a source of fixtures: without a server there is nothing to skip.</summary>
    public static IEnumerable<string> Uris
        => Environment.GetEnvironmentVariable("MODELTRACK_TEST_TRACKING_URI") is { Length: > 0 } uri ? [uri] : [];

    public static RestSender Connect(string uri, TimeProvider? clock = null)
        => new(ServerConnection.Open(
            ModelTrack.Client.TrackingUri.Parse(uri),
            new TrackerOptions { TimeProvider = clock ?? TimeProvider.System },
            new TrackingEnvironment(_ => null)));
}
