using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>An open connection to one tracking URI.</summary>
public sealed class Tracker
{
    internal Tracker(ITrackingBackend backend)
    {
        Runs = new RunClient(backend);
        Experiments = new ExperimentClient(backend);
    }

    /// <summary>Runs as stored.</summary>
    public RunClient Runs { get; }

    /// <summary>Experiments as stored.</summary>
    public ExperimentClient Experiments { get; }

    /// <summary>Waits until all that was logged before is stored.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What became of it.</returns>
    public Task<DeliveryReport> FlushAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
