namespace ModelTrack.Client;

/// <summary>A run as it was stored when it was read; it does not follow later changes.</summary>
public sealed record RunSnapshot
{
    /// <summary>The run's id.</summary>
    public required string Id { get; init; }

    /// <summary>The run's name (also in tag <c>mlflow.runName</c>).</summary>
    public string Name { get; init; } = "";

    /// <summary>The id of the experiment it belongs to.</summary>
    public required string ExperimentId { get; init; }

    /// <summary>The state of its life.</summary>
    public RunStatus Status { get; init; } = RunStatus.Running;

    /// <summary>When it began, in UTC, to the millisecond.</summary>
    public DateTimeOffset StartTime { get; init; }

    /// <summary>When it ended, in UTC, to the millisecond; null while it is open.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Who started it.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Where its artifacts are: a URI or an absolute path.</summary>
    public string ArtifactUri { get; init; } = "";

    /// <summary>Active or deleted.</summary>
    public LifecycleStage LifecycleStage { get; init; }

    /// <summary>Its params.</summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The latest point of every metric: the greatest by step, then timestamp, then value, as MLflow has it.
    /// The whole series comes from <see cref="RunClient.GetMetricHistoryAsync"/>.
    /// </summary>
    public IReadOnlyDictionary<string, MetricPoint> Metrics { get; init; } = new Dictionary<string, MetricPoint>();

    /// <summary>Its tags, system tags (<c>mlflow.…</c>) included.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The data sets that it used.</summary>
    public IReadOnlyList<DatasetInput> DatasetInputs { get; init; } = [];

    /// <summary>The ids of the logged models that it used.</summary>
    public IReadOnlyList<string> ModelInputs { get; init; } = [];

    /// <summary>The logged models that it produced.</summary>
    public IReadOnlyList<ModelOutput> ModelOutputs { get; init; } = [];

    /// <summary>How long it took; null while it is open.</summary>
    public TimeSpan? Duration => EndTime - StartTime;

    /// <summary>The id of the run it is a child of (tag <c>mlflow.parentRunId</c>), or null.</summary>
    public string? ParentRunId => Tags.GetValueOrDefault(SystemTags.ParentRunId);

    /// <summary>Whether it runs, as far as the store knows, in a session that is over.</summary>
    internal bool IsLeftOpen(string session)
        => Status == RunStatus.Running
            && LifecycleStage != LifecycleStage.Deleted
            && Tags.GetValueOrDefault(SystemTags.Session) == session;
}
