using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Files;

[TestFixture]
internal sealed class FileBackendConformanceTests : BackendConformanceTests
{
    private TempStore? _store;

    private protected override ITrackingBackend Open() => (_store = new TempStore()).Backend;

    [TearDown]
    public void RemoveStore() => _store?.Dispose();
}
