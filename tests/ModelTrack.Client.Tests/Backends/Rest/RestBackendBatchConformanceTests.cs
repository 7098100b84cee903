using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Rest;

[TestFixtureSource(typeof(ServersUnderTest), nameof(ServersUnderTest.Names))]
internal sealed class RestBackendBatchConformanceTests(string server) : BackendBatchConformanceTests
{
    private protected override ITrackingBackend Open() => ServersUnderTest.Open(server);
}
