using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>From what a server sends to what users see. What is absent gets the value that it has in MLflow then.</summary>
internal static class WireMapping
{
    public static Experiment ToExperiment(this WireExperiment wire) => new()
    {
        Id = wire.ExperimentId,
        Name = wire.Name ?? "",
        ArtifactLocation = wire.ArtifactLocation ?? "",
        LifecycleStage = Stage(wire.LifecycleStage),
        CreationTime = Time(wire.CreationTime),
        LastUpdateTime = Time(wire.LastUpdateTime),
        Tags = WirePair.ToDictionary(wire.Tags),
    };

    public static RunSnapshot ToSnapshot(this WireRun wire)
    {
        var info = wire.Info;
        var tags = WirePair.ToDictionary(wire.Data?.Tags);
        var status = Status(info?.Status);
        return new RunSnapshot
        {
            Id = info?.RunId ?? info?.RunUuid ?? "",
            ExperimentId = info?.ExperimentId ?? "",
            Name = NotEmpty(info?.RunName) ?? tags.GetValueOrDefault(SystemTags.RunName) ?? "",
            Status = status,
            StartTime = Time(info?.StartTime) ?? DateTimeOffset.UnixEpoch,
            // A server keeps the end of a run that goes on again; it is not over all the same.
            EndTime = status is RunStatus.Running or RunStatus.Scheduled ? null : Time(info?.EndTime),
            UserId = NotEmpty(info?.UserId) ?? tags.GetValueOrDefault(SystemTags.User) ?? "",
            ArtifactUri = info?.ArtifactUri ?? "",
            LifecycleStage = Stage(info?.LifecycleStage),
            Params = WirePair.ToDictionary(wire.Data?.Params),
            Metrics = LatestPoints(wire.Data?.Metrics),
            Tags = tags,
            DatasetInputs = [.. (wire.Inputs?.DatasetInputs ?? []).Select(ToDatasetInput)],
            ModelInputs = [.. (wire.Inputs?.ModelInputs ?? []).Select(model => model.ModelId)],
            ModelOutputs = [.. (wire.Outputs?.ModelOutputs ?? []).Select(model => new ModelOutput(model.ModelId, model.Step))],
        };
    }

    public static ArtifactInfo ToArtifactInfo(this WireFile wire)
        => new(wire.Path, wire.IsDir, wire.IsDir ? null : wire.FileSize ?? 0);

    public static string WireName(this RunStatus status) => status switch
    {
        RunStatus.Running => "RUNNING",
        RunStatus.Scheduled => "SCHEDULED",
        RunStatus.Finished => "FINISHED",
        RunStatus.Failed => "FAILED",
        RunStatus.Killed => "KILLED",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No status of MLflow's."),
    };

    public static string WireName(this ViewType view) => view switch
    {
        ViewType.ActiveOnly => "ACTIVE_ONLY",
        ViewType.DeletedOnly => "DELETED_ONLY",
        ViewType.All => "ALL",
        _ => throw new ArgumentOutOfRangeException(nameof(view), view, "No view of MLflow's."),
    };

    private static Dictionary<string, MetricPoint> LatestPoints(IReadOnlyList<WireMetric>? metrics)
    {
        var latest = new Dictionary<string, MetricPoint>(metrics?.Count ?? 0);
        foreach (var metric in metrics ?? [])
        {
            // Several of a key come when a metric is about several models or data sets.
            if (!latest.TryGetValue(metric.Key, out var other) || MetricOrder.IsLater(metric.ToPoint(), other))
            {
                latest[metric.Key] = metric.ToPoint();
            }
        }

        return latest;
    }

    private static DatasetInput ToDatasetInput(WireDatasetInput input) => new(
        input.Dataset?.Name ?? "",
        input.Dataset?.Digest ?? "",
        input.Dataset?.SourceType ?? "",
        input.Dataset?.Source ?? "",
        input.Dataset?.Schema,
        input.Dataset?.Profile,
        WirePair.ToDictionary(input.Tags));

    /// <summary>A state that this version does not know is not an end.</summary>
    private static RunStatus Status(string? status) => status switch
    {
        "SCHEDULED" or "2" => RunStatus.Scheduled,
        "FINISHED" or "3" => RunStatus.Finished,
        "FAILED" or "4" => RunStatus.Failed,
        "KILLED" or "5" => RunStatus.Killed,
        _ => RunStatus.Running,
    };

    private static LifecycleStage Stage(string? stage) => stage == "deleted" ? LifecycleStage.Deleted : LifecycleStage.Active;

    private static DateTimeOffset? Time(long? milliseconds)
        => milliseconds is { } time ? UnixTime.Of(time) : null;

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
