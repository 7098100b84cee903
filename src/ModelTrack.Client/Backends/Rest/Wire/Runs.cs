using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest.Wire;

internal sealed record WireRun(WireRunInfo? Info, WireRunData? Data, WireRunInputs? Inputs, WireRunOutputs? Outputs);

internal sealed record WireRunInfo(
    string? RunId,
    string? RunUuid,
    string? RunName,
    string? ExperimentId,
    string? UserId,
    [property: JsonConverter(typeof(LooseTextConverter))] string? Status,
    long? StartTime,
    long? EndTime,
    string? ArtifactUri,
    string? LifecycleStage);

/// <param name="Metrics">The latest point of each metric.</param>
/// <param name="Params">All params.</param>
/// <param name="Tags">All tags.</param>
internal sealed record WireRunData(IReadOnlyList<WireMetric>? Metrics, IReadOnlyList<WirePair>? Params, IReadOnlyList<WirePair>? Tags);

/// <param name="ExperimentId">Always sent: a server takes an absent one for nothing, not for the default.</param>
/// <param name="StartTime">Milliseconds; always sent, since absent means 1970.</param>
/// <param name="RunName">The run's name.</param>
/// <param name="UserId">Deprecated in favour of a tag, and still the only thing that fills the column.</param>
/// <param name="Tags">The first tags.</param>
internal sealed record CreateRunRequest(
    string ExperimentId, long? StartTime, string? RunName = null, string? UserId = null, IReadOnlyList<WirePair>? Tags = null);

internal sealed record RunResponse(WireRun? Run);

internal sealed record RunIdRequest(string RunId);

internal sealed record UpdateRunRequest(string RunId, string? Status = null, long? EndTime = null, string? RunName = null);

internal sealed record UpdateRunResponse(WireRunInfo? RunInfo);

/// <summary>A param or tag of a run; or, without a value, a tag to delete.</summary>
internal sealed record RunEntryRequest(string RunId, string Key, string? Value = null);

/// <param name="RunId">The run.</param>
/// <param name="ModelJson">The MLmodel file as JSON text.</param>
internal sealed record LogModelRequest(string RunId, string ModelJson);

internal sealed record SearchRunsRequest(
    IReadOnlyList<string>? ExperimentIds,
    string? Filter = null,
    string? RunViewType = null,
    int? MaxResults = null,
    IReadOnlyList<string>? OrderBy = null,
    string? PageToken = null);

internal sealed record SearchRunsResponse(IReadOnlyList<WireRun>? Runs, string? NextPageToken);
