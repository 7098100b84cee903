namespace ModelTrack.Client.Fakes;

/// <summary>A run as it is stored. Look at it when no request is under way.</summary>
public sealed class FakeRun
{
    private readonly OrderedDictionary<string, string> _params = [];
    private readonly OrderedDictionary<string, string> _tags = [];
    private readonly OrderedDictionary<string, MetricSeries> _metrics = [];

    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The experiment's id.</summary>
    public required string ExperimentId { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; set; }

    /// <summary>The user.</summary>
    public required string UserId { get; init; }

    /// <summary>The state: <c>RUNNING</c>, <c>FINISHED</c>….</summary>
    public string Status { get; internal set; } = "RUNNING";

    /// <summary>When it began, in milliseconds.</summary>
    public required long StartTime { get; init; }

    /// <summary>When it ended, in milliseconds, or null.</summary>
    public long? EndTime { get; internal set; }

    /// <summary>Whether it is deleted.</summary>
    public bool IsDeleted { get; internal set; }

    /// <summary>Where its artifacts are.</summary>
    public required string ArtifactUri { get; init; }

    /// <summary>The params.</summary>
    public IReadOnlyDictionary<string, string> Params => _params;

    /// <summary>The tags.</summary>
    public IReadOnlyDictionary<string, string> Tags => _tags;

    /// <summary>The names of the metrics.</summary>
    public IReadOnlyCollection<string> MetricKeys => _metrics.Keys;

    /// <summary>The latest point of every metric.</summary>
    public IReadOnlyDictionary<string, FakePoint> LatestMetrics => _metrics.ToDictionary(m => m.Key, m => m.Value.Latest);

    /// <summary>The data sets that it used.</summary>
    public IReadOnlyList<FakeDatasetInput> DatasetInputs => DatasetInputStore;

    /// <summary>The ids of the logged models that it used.</summary>
    public IReadOnlyList<string> ModelInputs => ModelInputStore;

    /// <summary>The logged models that it produced.</summary>
    public IReadOnlyList<FakeModelOutput> ModelOutputs => ModelOutputStore;

    internal OrderedDictionary<string, string> ParamStore => _params;

    internal OrderedDictionary<string, string> TagStore => _tags;

    internal OrderedDictionary<string, MetricSeries> MetricStore => _metrics;

    internal List<FakeDatasetInput> DatasetInputStore { get; } = [];

    internal List<string> ModelInputStore { get; } = [];

    internal List<FakeModelOutput> ModelOutputStore { get; } = [];

    /// <summary>The points of a metric in the order of their arrival; none for a name that there is not.</summary>
    /// <param name="key">The metric's name.</param>
    /// <returns>The points.</returns>
    public IReadOnlyList<FakePoint> GetHistory(string key) => _metrics.TryGetValue(key, out var series) ? series.Points : [];
}
