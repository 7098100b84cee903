using System.Text.Encodings.Web;
using System.Text.Json;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>MLflow's endpoints <c>runs/…</c>.</summary>
internal sealed class RunsApi(RestSender sender)
{
    private const string Root = "api/2.0/mlflow/runs/";

    /// <summary>Schemas are JSON in JSON: their quotes take two bytes by this and six by the other.</summary>
    private static readonly RestJson Lean = new(
        new JsonSerializerOptions(RestJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Returns the new run. Not repeated once it may have been carried out.</summary>
    public async Task<WireRun> CreateAsync(CreateRunRequest request, CancellationToken cancellationToken)
    {
        var created = await sender.SendAsync(
            HttpMethod.Post,
            Root + "create",
            request,
            RestJson.Default.CreateRunRequest,
            RestJson.Default.RunResponse,
            cancellationToken,
            mayRepeat: false).ConfigureAwait(false);
        return Answers.Require(created.Run, "run", sender);
    }

    public async Task<WireRun> GetAsync(string runId, CancellationToken cancellationToken)
    {
        var found = await sender.GetAsync(Root + "get", [("run_id", runId)], RestJson.Default.RunResponse, cancellationToken)
            .ConfigureAwait(false);
        return Answers.Require(found.Run, "run", sender);
    }

    /// <summary>Changes what is not null. A server cannot be told to forget an end time.</summary>
    public async Task<WireRunInfo> UpdateAsync(UpdateRunRequest request, CancellationToken cancellationToken)
    {
        var updated = await sender.SendAsync(
            HttpMethod.Post,
            Root + "update",
            request,
            RestJson.Default.UpdateRunRequest,
            RestJson.Default.UpdateRunResponse,
            cancellationToken).ConfigureAwait(false);
        return Answers.Require(updated.RunInfo, "run_info", sender);
    }

    public Task DeleteAsync(string runId, CancellationToken cancellationToken) => SendIdAsync("delete", runId, cancellationToken);

    public Task RestoreAsync(string runId, CancellationToken cancellationToken) => SendIdAsync("restore", runId, cancellationToken);

    /// <summary>Not repeated once it may have been carried out: a folder behind a server keeps a point twice.</summary>
    public Task LogMetricAsync(LogMetricRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + "log-metric",
            request,
            RestJson.Default.LogMetricRequest,
            RestJson.Default.NoAnswer,
            cancellationToken,
            mayRepeat: false);

    public Task LogParameterAsync(string runId, string key, string value, CancellationToken cancellationToken)
        => SendEntryAsync("log-parameter", new RunEntryRequest(runId, key, value), cancellationToken);

    public Task SetTagAsync(string runId, string key, string value, CancellationToken cancellationToken)
        => SendEntryAsync("set-tag", new RunEntryRequest(runId, key, value), cancellationToken);

    public Task DeleteTagAsync(string runId, string key, CancellationToken cancellationToken)
        => Removal.EnsureAsync(SendEntryAsync("delete-tag", new RunEntryRequest(runId, key), cancellationToken));

    /// <param name="body">The request as JSON; it must not change before the answer.</param>
    /// <param name="mayRepeat">Whether it does no harm to store the batch twice.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task LogBatchAsync(ReadOnlyMemory<byte> body, bool mayRepeat, CancellationToken cancellationToken)
        => sender.SendBytesAsync(HttpMethod.Post, Root + "log-batch", body, RestJson.Default.NoAnswer, mayRepeat, cancellationToken);

    /// <summary>
    /// Says of points that a run has already which models they are about (since 3.0). For databases, which keep equal points once; NaN, which
    /// equals nothing, is refused.
    /// </summary>
    public Task LinkMetricsAsync(LinkMetricsRequest request, CancellationToken cancellationToken)
        => LogBatchAsync(JsonSerializer.SerializeToUtf8Bytes(request, RestJson.Default.LinkMetricsRequest), mayRepeat: true, cancellationToken);

    /// <summary>Adds data sets and models that the run used (since 2.4); one that it has already is not added again.</summary>
    public Task LogInputsAsync(LogInputsRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post, Root + "log-inputs", request, Lean.LogInputsRequest, RestJson.Default.NoAnswer, cancellationToken);

    /// <summary>Adds models that the run made (since 3.0). Not repeated: a database refuses the second time.</summary>
    public Task LogOutputsAsync(LogOutputsRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + "outputs",
            request,
            RestJson.Default.LogOutputsRequest,
            RestJson.Default.NoAnswer,
            cancellationToken,
            mayRepeat: false);

    /// <summary>Adds a model to the run's history of models, as 2.x has it. Not repeated: it appends.</summary>
    public Task LogModelAsync(string runId, string modelJson, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + "log-model",
            new LogModelRequest(runId, modelJson),
            RestJson.Default.LogModelRequest,
            RestJson.Default.NoAnswer,
            cancellationToken,
            mayRepeat: false);

    public Task<SearchRunsResponse> SearchAsync(SearchRunsRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + "search",
            request,
            RestJson.Default.SearchRunsRequest,
            RestJson.Default.SearchRunsResponse,
            cancellationToken);

    private Task<NoAnswer> SendIdAsync(string verb, string runId, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + verb,
            new RunIdRequest(runId),
            RestJson.Default.RunIdRequest,
            RestJson.Default.NoAnswer,
            cancellationToken);

    private Task<NoAnswer> SendEntryAsync(string verb, RunEntryRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post, Root + verb, request, RestJson.Default.RunEntryRequest, RestJson.Default.NoAnswer, cancellationToken);
}
