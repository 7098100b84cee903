using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;

namespace ModelTrack.Client.Tests.Registry;

[TestFixture]
internal sealed class MemoryVersionConformanceTests : VersionConformanceTests
{
    private protected override IModelRegistry Open() => new MemoryModelRegistry(TimeProvider.System);
}
