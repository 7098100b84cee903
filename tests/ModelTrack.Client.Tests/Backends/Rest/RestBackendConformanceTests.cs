using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Rest;

[TestFixtureSource(typeof(ServersUnderTest), nameof(ServersUnderTest.Names))]
internal sealed class RestBackendConformanceTests(string server) : BackendConformanceTests
{
    private protected override ITrackingBackend Open() => ServersUnderTest.Open(server);

    // Servers before MLflow 3.2 have no endpoint for it.
    private protected override void AssertIsGone(IReadOnlyDictionary<string, string> tags, string key)
        => Assert.That(tags.GetValueOrDefault(key, ""), Is.Empty);
}
