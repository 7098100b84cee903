using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Rest;

[TestFixtureSource(typeof(LiveServers), nameof(LiveServers.Uris))]
internal sealed class LiveBackendBatchConformanceTests(string uri) : BackendBatchConformanceTests
{
    private protected override ITrackingBackend Open() => LiveServers.Open(uri);
}
