namespace ModelTrack.Client;

/// <summary>A group of runs, as stored.</summary>
public sealed record Experiment
{
    /// <summary>The id, an opaque string.</summary>
    public required string Id { get; init; }

    /// <summary>The name, unique among all experiments, deleted ones included.</summary>
    public required string Name { get; init; }

    /// <summary>The place that the artifacts of its runs go below: a URI or an absolute path.</summary>
    public string ArtifactLocation { get; init; } = "";

    /// <summary>Active or deleted.</summary>
    public LifecycleStage LifecycleStage { get; init; }

    /// <summary>When it was created, in UTC; null in stores of old MLflow versions.</summary>
    public DateTimeOffset? CreationTime { get; init; }

    /// <summary>When it was last renamed, deleted or restored, in UTC; null in stores of old MLflow versions.</summary>
    public DateTimeOffset? LastUpdateTime { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
