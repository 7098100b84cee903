using Microsoft.Extensions.Logging;
using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>How a <see cref="ModelTrackModel"/> works. Read once when it is made; later changes have no effect.</summary>
public sealed class ModelTrackModelOptions
{
    /// <summary>How often the registry is asked whether the alias, stage or latest version has moved.</summary>
    /// <value>
    /// Default: 30 seconds. More than zero, up to 49 days; <see cref="Timeout.InfiniteTimeSpan"/>: never, so that what is loaded first stays
    /// until <see cref="ModelTrackModel.RefreshAsync"/> is called. A version named by its number cannot move and is not asked for again.
    /// </value>
    public TimeSpan PollingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The tracker that finds the model. It is not disposed with the model.</summary>
    /// <value>Default: null; a container then gives the one that is registered, under <see cref="TrackerServiceKey"/> if that is set.</value>
    public Tracker? Tracker { get; set; }

    /// <summary>The key of the tracker in the container (<c>services.AddKeyedModelTrack(…)</c>).</summary>
    /// <value>Default: null, which means the tracker without a key. Not used without a container.</value>
    public object? TrackerServiceKey { get; set; }

    /// <summary>ML.NET's context that loads models. One of the program's own knows the assemblies of its custom mappings.</summary>
    /// <value>Default: null, which means a new one.</value>
    public MLContext? MLContext { get; set; }

    /// <summary>How many prediction engines of a version are kept for further use. More are made while more predictions are under way.</summary>
    /// <value>Default: null, which means twice the number of processors. At least 1.</value>
    public int? MaximumRetainedEngines { get; set; }

    /// <summary>Called after each version that begins to answer, the first one included. What it throws is logged.</summary>
    /// <value>Default: null.</value>
    public Action<ServedModel>? Loaded { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default: null, which means the container's, else the system's.</value>
    public TimeProvider? TimeProvider { get; set; }

    /// <summary>Where to log.</summary>
    /// <value>Default: null, which means the container's, else nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <exception cref="ArgumentOutOfRangeException">A value breaks its rule.</exception>
    internal void Check()
    {
        // The longest that timers take.
        if (PollingInterval != Timeout.InfiniteTimeSpan
            && (PollingInterval <= TimeSpan.Zero || PollingInterval.TotalMilliseconds > uint.MaxValue - 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(PollingInterval), PollingInterval, $"{nameof(PollingInterval)} is more than zero, up to 49 days, or infinite.");
        }

        if (MaximumRetainedEngines < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaximumRetainedEngines), MaximumRetainedEngines, $"{nameof(MaximumRetainedEngines)} is at least 1.");
        }
    }
}
