using Microsoft.Extensions.Hosting;

namespace ModelTrack.Client.MLNet;

/// <summary>Lets a model be loaded when the host starts, and its polling end with the host.</summary>
internal sealed class ModelTrackModelHost(ModelTrackModel model) : IHostedService
{
    /// <summary>Waits for nothing: a registry that is away does not keep the host from starting.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => model.StopAsync(cancellationToken);
}
