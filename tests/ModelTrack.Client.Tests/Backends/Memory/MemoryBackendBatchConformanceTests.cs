using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;

namespace ModelTrack.Client.Tests.Backends.Memory;

[TestFixture]
internal sealed class MemoryBackendBatchConformanceTests : BackendBatchConformanceTests
{
    private protected override ITrackingBackend Open() => new MemoryBackend(TimeProvider.System);
}
