using ModelTrack.Client.Backends;
using ModelTrack.Client.Tests.Backends.Files;

namespace ModelTrack.Client.Tests.Registry;

[TestFixture]
internal sealed class FileVersionConformanceTests : VersionConformanceTests
{
    private TempRegistry _registry = null!;

    private protected override ITrackingBackend OpenTracking() => (_registry = new TempRegistry()).Store.Backend;

    private protected override IModelRegistry Open() => _registry.Registry;

    [TearDown]
    public void RemoveRegistry() => _registry.Dispose();
}
