using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;

namespace ModelTrack.Client.Tests.Registry;

[TestFixture]
internal sealed class MemoryRegistryConformanceTests : RegistryConformanceTests
{
    private protected override IModelRegistry Open() => new MemoryModelRegistry(TimeProvider.System);
}
