using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

[TestFixtureSource(typeof(ServersUnderTest), nameof(ServersUnderTest.Names))]
internal sealed class ServerVersionConformanceTests(string server) : VersionConformanceTests
{
    private protected override ITrackingBackend OpenTracking() => ServersUnderTest.Open(server);

    private protected override IModelRegistry Open() => new RestModelRegistry(((RestBackend)Tracking).Sender);
}
