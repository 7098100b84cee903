namespace ModelTrack.Client.Backends.Memory;

/// <summary>An experiment as the memory store keeps it. Used under the store's lock.</summary>
internal sealed class MemoryExperiment(string id, string name, string artifactLocation, DateTimeOffset now)
{
    public string Id { get; } = id;

    public string Name { get; set; } = name;

    public string ArtifactLocation { get; } = artifactLocation;

    public LifecycleStage Stage { get; set; }

    public DateTimeOffset CreationTime { get; } = now;

    public DateTimeOffset LastUpdateTime { get; set; } = now;

    public Dictionary<string, string> Tags { get; init; } = [];

    /// <summary>The data sets that its runs used, as the first of them described each.</summary>
    public Dictionary<(string Name, string Digest), DatasetInput> Datasets { get; } = [];

    public Experiment ToExperiment() => new()
    {
        Id = Id,
        Name = Name,
        ArtifactLocation = ArtifactLocation,
        LifecycleStage = Stage,
        CreationTime = CreationTime,
        LastUpdateTime = LastUpdateTime,
        Tags = new Dictionary<string, string>(Tags),
    };
}
