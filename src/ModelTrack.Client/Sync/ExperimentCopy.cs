using System.Collections.Concurrent;

namespace ModelTrack.Client;

/// <summary>An experiment of the source, and what it has in the target.</summary>
/// <param name="Source">The experiment.</param>
/// <param name="Target">Its copy; null when there is none yet, in a dry run.</param>
/// <param name="Copies">The copies of its runs that are there: their ids by the source runs'. Runs that are copied add theirs.</param>
/// <param name="IsNew">It was made by this sync.</param>
internal sealed record ExperimentCopy(Experiment Source, Experiment? Target, ConcurrentDictionary<string, string> Copies, bool IsNew)
{
    /// <summary>Why no run can be copied into it; null when they can.</summary>
    public string? Obstacle { get; init; }
}
