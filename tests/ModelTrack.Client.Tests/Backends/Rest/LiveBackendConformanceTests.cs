using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Rest;

[TestFixtureSource(typeof(LiveServers), nameof(LiveServers.Uris))]
internal sealed class LiveBackendConformanceTests(string uri) : BackendConformanceTests
{
    private protected override ITrackingBackend Open() => LiveServers.Open(uri);

    // Servers before MLflow 3.2 have no endpoint for it.
    private protected override void AssertIsGone(IReadOnlyDictionary<string, string> tags, string key)
        => Assert.That(tags.GetValueOrDefault(key, ""), Is.Empty);
}
