using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

[TestFixtureSource(typeof(TestServer), nameof(TestServer.Uris))]
internal sealed class ServerRegistryConformanceTests(string uri) : RegistryConformanceTests
{
    private RestSender? _sender;

    private protected override IModelRegistry Open() => new RestModelRegistry(_sender = TestServer.Connect(uri));

    [TearDown]
    public void CloseConnection() => _sender?.Dispose();
}
