using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Tests.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

[TestFixtureSource(typeof(LiveServers), nameof(LiveServers.Uris))]
internal sealed class LiveVersionConformanceTests(string uri) : VersionConformanceTests
{
    private protected override ITrackingBackend OpenTracking() => LiveServers.Open(uri);

    private protected override IModelRegistry Open() => new RestModelRegistry(((RestBackend)Tracking).Sender);
}
