using ModelTrack.Client.Backends;
using ModelTrack.Client.Tests.Backends.Files;

namespace ModelTrack.Client.Tests.Registry;

[TestFixture]
internal sealed class FileVersionConformanceTests : VersionConformanceTests
{
    private TempRegistry? _registry;

    private protected override IModelRegistry Open() => (_registry = new TempRegistry()).Registry;

    [TearDown]
    public void RemoveRegistry() => _registry?.Dispose();
}
