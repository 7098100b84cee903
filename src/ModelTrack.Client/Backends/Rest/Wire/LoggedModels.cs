using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest.Wire;

/// <summary>MLflow 3's models as things of their own.</summary>
internal sealed record WireLoggedModel(WireLoggedModelInfo? Info, WireLoggedModelData? Data);

internal sealed record WireLoggedModelInfo(
    string ModelId,
    string? ExperimentId,
    string? Name,
    long? CreationTimestampMs,
    long? LastUpdatedTimestampMs,
    string? ArtifactUri,
    [property: JsonConverter(typeof(LooseTextConverter))] string? Status,
    string? ModelType,
    string? SourceRunId,
    IReadOnlyList<WirePair>? Tags) : IJsonOnDeserialized
{
    public void OnDeserialized() => Answers.RequireText(ModelId, "model_id");
}

internal sealed record WireLoggedModelData(IReadOnlyList<WirePair>? Params, IReadOnlyList<WireMetric>? Metrics);

/// <summary>The names of <c>LoggedModelStatus</c>.</summary>
internal static class LoggedModelStatus
{
    public const string Pending = "LOGGED_MODEL_PENDING";
    public const string Ready = "LOGGED_MODEL_READY";
    public const string UploadFailed = "LOGGED_MODEL_UPLOAD_FAILED";
}

internal sealed record CreateLoggedModelRequest(
    string ExperimentId,
    string? Name = null,
    string? ModelType = null,
    string? SourceRunId = null,
    IReadOnlyList<WirePair>? Params = null,
    IReadOnlyList<WirePair>? Tags = null);

internal sealed record LoggedModelResponse(WireLoggedModel? Model);

/// <summary>The id is in the route and in the body: a server looks at both.</summary>
internal sealed record FinalizeLoggedModelRequest(string ModelId, string Status);

internal sealed record LoggedModelParamsRequest(string ModelId, IReadOnlyList<WirePair> Params);

internal sealed record LoggedModelTagsRequest(IReadOnlyList<WirePair> Tags);

internal sealed record SearchLoggedModelsRequest(
    IReadOnlyList<string>? ExperimentIds,
    string? Filter = null,
    IReadOnlyList<WireDatasetFilter>? Datasets = null,
    int? MaxResults = null,
    IReadOnlyList<WireModelOrder>? OrderBy = null,
    string? PageToken = null);

/// <summary>Name and digest both: without the digest a server finds nothing.</summary>
internal sealed record WireDatasetFilter(string DatasetName, string? DatasetDigest);

internal sealed record WireModelOrder(string FieldName, bool? Ascending = null, string? DatasetName = null, string? DatasetDigest = null);

internal sealed record SearchLoggedModelsResponse(IReadOnlyList<WireLoggedModel>? Models, string? NextPageToken);
