namespace ModelTrack.Client;

/// <summary>
/// What <see cref="Tracker.SyncFromAsync(string, SyncOptions?, IProgress{SyncProgress}?, CancellationToken)"/> copies, and how.
/// </summary>
public sealed class SyncOptions
{
    /// <summary>The names of the experiments to copy.</summary>
    /// <value>Default: null, all of them.</value>
    public IReadOnlyCollection<string>? Experiments { get; set; }

    /// <summary>
    /// Which runs to copy, as MLflow's filter expression, for example <c>metrics.auc &gt; 0.9 AND tags.team = 'a'</c>. With one, of the
    /// registered models only versions that were made from these runs are copied.
    /// </summary>
    /// <value>Default: null, all of them.</value>
    public string? Filter { get; set; }

    /// <summary>Whether deleted experiments and runs are copied too; their copies are deleted when they are whole.</summary>
    /// <value>Default: false.</value>
    public bool IncludeDeleted { get; set; }

    /// <summary>
    /// Whether the runs' artifacts, logged models included, are copied. Without them versions of logged models that the target does not
    /// have are <see cref="SyncOutcome.Failed"/>.
    /// </summary>
    /// <value>Default: true.</value>
    public bool IncludeArtifacts { get; set; } = true;

    /// <summary>Whether registered models are copied, with their versions, aliases, stages and tags.</summary>
    /// <value>Default: true.</value>
    public bool IncludeRegisteredModels { get; set; } = true;

    /// <summary>Whether it is only found out what would be copied: nothing is written to the target.</summary>
    /// <value>Default: false.</value>
    public bool DryRun { get; set; }

    /// <summary>
    /// How many runs are copied at the same time; a run's parent is always copied before it. Their files share
    /// <see cref="TrackerOptions.MaxParallelTransfers"/> of the target.
    /// </summary>
    /// <value>Default: 4. From 1 to 64.</value>
    public int MaxParallelRuns { get; set; } = 4;

    internal SyncOptions Checked()
    {
        if (MaxParallelRuns is < 1 or > 64)
        {
            throw new ArgumentException($"{nameof(MaxParallelRuns)} is {MaxParallelRuns}; it must be from 1 to 64.");
        }

        foreach (var name in Experiments ?? [])
        {
            Rules.CheckExperimentName(name);
        }

        return new SyncOptions
        {
            Experiments = Experiments is null ? null : [.. Experiments.Distinct(StringComparer.Ordinal)],
            Filter = string.IsNullOrWhiteSpace(Filter) ? null : Filter,
            IncludeDeleted = IncludeDeleted,
            IncludeArtifacts = IncludeArtifacts,
            IncludeRegisteredModels = IncludeRegisteredModels,
            DryRun = DryRun,
            MaxParallelRuns = MaxParallelRuns,
        };
    }
}
