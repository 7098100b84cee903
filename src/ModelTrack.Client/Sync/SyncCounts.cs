namespace ModelTrack.Client;

/// <summary>How much was copied; in a dry run: how much would be.</summary>
public sealed record SyncCounts
{
    /// <summary>Params.</summary>
    public long Params { get; init; }

    /// <summary>Tags.</summary>
    public long Tags { get; init; }

    /// <summary>Metric points.</summary>
    public long MetricPoints { get; init; }

    /// <summary>Data sets that runs used.</summary>
    public long DatasetInputs { get; init; }

    /// <summary>Artifact files.</summary>
    public long Artifacts { get; init; }

    /// <summary>The size of these, in bytes, as far as the source says it.</summary>
    public long ArtifactBytes { get; init; }

    /// <summary>Logged models of MLflow 3.</summary>
    public long LoggedModels { get; init; }

    internal static SyncCounts Sum(IEnumerable<SyncCounts> counts) => counts.Aggregate(new SyncCounts(), (a, b) => new SyncCounts
    {
        Params = a.Params + b.Params,
        Tags = a.Tags + b.Tags,
        MetricPoints = a.MetricPoints + b.MetricPoints,
        DatasetInputs = a.DatasetInputs + b.DatasetInputs,
        Artifacts = a.Artifacts + b.Artifacts,
        ArtifactBytes = a.ArtifactBytes + b.ArtifactBytes,
        LoggedModels = a.LoggedModels + b.LoggedModels,
    });
}
