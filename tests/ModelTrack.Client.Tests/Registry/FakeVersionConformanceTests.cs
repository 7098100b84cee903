using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Registry;

[TestFixture("3.11.1")]
[TestFixture("2.17.0")]
internal sealed class FakeVersionConformanceTests(string version) : VersionConformanceTests
{
    private FakeServer _server = null!;

    [OneTimeSetUp]
    public async Task StartServer() => _server = await FakeServer.StartAsync(new FakeServerOptions { Version = version });

    [OneTimeTearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    private protected override ITrackingBackend OpenTracking()
        => RestBackend.Open(
            TrackingUri.Parse(_server.Url.AbsoluteUri), new TrackerOptions(), new TrackingEnvironment(_ => null), NullLogger.Instance);

    private protected override IModelRegistry Open() => new RestModelRegistry(((RestBackend)Tracking).Sender);
}
