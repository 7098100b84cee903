using Microsoft.Extensions.Hosting;

namespace ModelTrack.Client.Fakes;

/// <summary>A host that starts and stops when it is told to, and listens to no signals.</summary>
internal sealed class NoHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
