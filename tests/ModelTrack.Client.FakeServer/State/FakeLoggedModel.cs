namespace ModelTrack.Client.Fakes;

/// <summary>A logged model as it is stored.</summary>
public sealed class FakeLoggedModel
{
    private readonly OrderedDictionary<string, string> _params = [];
    private readonly OrderedDictionary<string, string> _tags = [];

    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The experiment's id.</summary>
    public required string ExperimentId { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>Where its files are.</summary>
    public required string ArtifactLocation { get; init; }

    /// <summary>The type, or empty.</summary>
    public required string ModelType { get; init; }

    /// <summary>The run that made it, or empty.</summary>
    public required string SourceRunId { get; init; }

    /// <summary>When it was created, in milliseconds.</summary>
    public required long CreationTime { get; init; }

    /// <summary>When it changed, in milliseconds.</summary>
    public required long LastUpdateTime { get; set; }

    /// <summary>1: pending, 2: ready, 3: the upload failed.</summary>
    public int Status { get; internal set; } = 1;

    /// <summary>Whether it is deleted.</summary>
    public bool IsDeleted { get; internal set; }

    /// <summary>The params.</summary>
    public IReadOnlyDictionary<string, string> Params => _params;

    /// <summary>The tags.</summary>
    public IReadOnlyDictionary<string, string> Tags => _tags;

    /// <summary>The points of metrics that belong to it.</summary>
    public IReadOnlyList<FakeModelMetric> Metrics => MetricStore;

    internal OrderedDictionary<string, string> ParamStore => _params;

    internal OrderedDictionary<string, string> TagStore => _tags;

    internal List<FakeModelMetric> MetricStore { get; } = [];
}
