using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

[TestFixtureSource(typeof(ServersUnderTest), nameof(ServersUnderTest.Names))]
internal sealed class ServerVersionConformanceTests(string server) : VersionConformanceTests
{
    private RestSender? _sender;

    private protected override IModelRegistry Open() => new RestModelRegistry(_sender = ServersUnderTest.Connect(server));

    [TearDown]
    public void CloseConnection() => _sender?.Dispose();
}
