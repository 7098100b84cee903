using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Backends.Rest.Wire;
using ModelTrack.Client.Tests.Backends.Rest.Recording;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>The tracking endpoints of the client.</summary>
internal static class TrackingRoutes
{
    private const string Api = "/api/2.0/mlflow/";
    private const string LoggedModel = Api + "logged-models/{model_id}";

    public static IReadOnlyList<RecordedRoute> All { get; }
        = [.. Service(), .. Experiments(), .. Runs(), .. Metrics(), .. Artifacts(), .. LoggedModels()];

    private static IEnumerable<RecordedRoute> Service() =>
    [
        new("GET", "/health", async (sender, _) => new TypedAnswer(await new ServiceApi(sender).IsHealthyAsync(default) ? "OK" : "unwell")),
        new("GET", "/version", (sender, _) => TypedAnswer.TextAsync(new ServiceApi(sender).GetVersionAsync(default))),
        new("GET", "/api/3.0/mlflow/server-info", async (sender, _) => await TypedAnswer.OfAsync(
            Task.FromResult((await new ServiceApi(sender).GetServerInfoAsync(default))!), RestJson.Default.ServerInfoResponse)),
    ];

    private static IEnumerable<RecordedRoute> Experiments() =>
    [
        new("POST", Api + "experiments/create", (sender, e) => TypedAnswer.OfAsync(
            "experiment_id",
            new ExperimentsApi(sender).CreateAsync(Body(e, RestJson.Default.CreateExperimentRequest), default),
            RestJson.Default.String)),
        new("GET", Api + "experiments/get", (sender, e) => TypedAnswer.OfAsync(
            "experiment", new ExperimentsApi(sender).GetAsync(e.Argument("experiment_id")!, default), RestJson.Default.WireExperiment)),
        new("GET", Api + "experiments/get-by-name", (sender, e) => TypedAnswer.OfAsync(
            "experiment",
            new ExperimentsApi(sender).GetByNameAsync(e.Argument("experiment_name")!, default),
            RestJson.Default.WireExperiment)),
        new("POST", Api + "experiments/search", (sender, e) => TypedAnswer.OfAsync(
            new ExperimentsApi(sender).SearchAsync(Body(e, RestJson.Default.SearchExperimentsRequest), default),
            RestJson.Default.SearchExperimentsResponse)),
        new("POST", Api + "experiments/update", (sender, e) => TypedAnswer.NothingAsync(
            new ExperimentsApi(sender).UpdateAsync(e.Argument("experiment_id")!, e.Argument("new_name")!, default))),
        new("POST", Api + "experiments/delete", (sender, e) => TypedAnswer.NothingAsync(
            new ExperimentsApi(sender).DeleteAsync(e.Argument("experiment_id")!, default))),
        new("POST", Api + "experiments/restore", (sender, e) => TypedAnswer.NothingAsync(
            new ExperimentsApi(sender).RestoreAsync(e.Argument("experiment_id")!, default))),
        new("POST", Api + "experiments/set-experiment-tag", (sender, e) => TypedAnswer.NothingAsync(
            new ExperimentsApi(sender).SetTagAsync(e.Argument("experiment_id")!, e.Argument("key")!, e.Argument("value")!, default))),
        new("POST", Api + "experiments/delete-experiment-tag", (sender, e) => TypedAnswer.NothingAsync(
            new ExperimentsApi(sender).DeleteTagAsync(e.Argument("experiment_id")!, e.Argument("key")!, default))),
    ];

    private static IEnumerable<RecordedRoute> Runs() =>
    [
        new("POST", Api + "runs/create", (sender, e) => TypedAnswer.OfAsync(
            "run", new RunsApi(sender).CreateAsync(Body(e, RestJson.Default.CreateRunRequest), default), RestJson.Default.WireRun)),
        new("GET", Api + "runs/get", (sender, e) => TypedAnswer.OfAsync(
            "run", new RunsApi(sender).GetAsync(e.Argument("run_id")!, default), RestJson.Default.WireRun)),
        new("POST", Api + "runs/update", (sender, e) => TypedAnswer.OfAsync(
            "run_info", new RunsApi(sender).UpdateAsync(Body(e, RestJson.Default.UpdateRunRequest), default), RestJson.Default.WireRunInfo)),
        new("POST", Api + "runs/delete", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).DeleteAsync(e.Argument("run_id")!, default))),
        new("POST", Api + "runs/restore", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).RestoreAsync(e.Argument("run_id")!, default))),
        new("POST", Api + "runs/log-metric", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).LogMetricAsync(Body(e, RestJson.Default.LogMetricRequest), default))),
        new("POST", Api + "runs/log-parameter", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).LogParameterAsync(e.Argument("run_id")!, e.Argument("key")!, e.Argument("value")!, default))),
        new("POST", Api + "runs/set-tag", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).SetTagAsync(e.Argument("run_id")!, e.Argument("key")!, e.Argument("value")!, default))),
        new("POST", Api + "runs/delete-tag", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).DeleteTagAsync(e.Argument("run_id")!, e.Argument("key")!, default))),
        new("POST", Api + "runs/log-batch", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).LogBatchAsync(Encoding.UTF8.GetBytes(e.RequestBody!.Value.GetRawText()), mayRepeat: true, default))),
        new("POST", Api + "runs/log-inputs", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).LogInputsAsync(Body(e, RestJson.Default.LogInputsRequest), default))),
        new("POST", Api + "runs/outputs", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).LogOutputsAsync(Body(e, RestJson.Default.LogOutputsRequest), default))),
        new("POST", Api + "runs/log-model", (sender, e) => TypedAnswer.NothingAsync(
            new RunsApi(sender).LogModelAsync(e.Argument("run_id")!, e.Argument("model_json")!, default))),
        new("POST", Api + "runs/search", (sender, e) => TypedAnswer.OfAsync(
            new RunsApi(sender).SearchAsync(Body(e, RestJson.Default.SearchRunsRequest), default), RestJson.Default.SearchRunsResponse)),
    ];

    private static IEnumerable<RecordedRoute> Metrics() =>
    [
        new("GET", Api + "metrics/get-history", (sender, e) => TypedAnswer.OfAsync(
            new MetricsApi(sender).GetHistoryPageAsync(
                e.Argument("run_id")!,
                e.Argument("metric_key")!,
                e.Argument("page_token"),
                default,
                Number(e, "max_results") ?? MetricsApi.HistoryPageSize),
            RestJson.Default.MetricsResponse))
        {
            AlwaysSent = ["max_results"],
        },
        new("GET", Api + "metrics/get-history-bulk-interval", (sender, e) => TypedAnswer.OfAsync(
            "metrics",
            new MetricsApi(sender).GetHistoryBulkIntervalAsync(
                e.Arguments("run_ids"),
                e.Argument("metric_key")!,
                Number(e, "start_step") is { } first && Number(e, "end_step") is { } last ? (first, last) : null,
                Number(e, "max_results"),
                default),
            RestJson.Default.IReadOnlyListWireMetric)),
        new("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk", (sender, e) => TypedAnswer.OfAsync(
            "metrics",
            new MetricsApi(sender).GetHistoryBulkAsync(e.Arguments("run_id"), e.Argument("metric_key")!, Number(e, "max_results"), default),
            RestJson.Default.IReadOnlyListWireMetric)),
    ];

    private static IEnumerable<RecordedRoute> Artifacts() =>
    [
        new("GET", Api + "artifacts/list", (sender, e) => TypedAnswer.OfAsync(
            new ArtifactsApi(sender).ListAsync(e.Argument("run_id")!, e.Argument("path") ?? "", null, default),
            RestJson.Default.ListArtifactsResponse)),
        new("GET", "/get-artifact", async (sender, e) =>
        {
            var uri = new ArtifactsApi(sender).UriOfFile(e.Argument("run_id")!, e.Argument("path")!);
            using var response = await sender.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, uri), mayRepeat: true, default);
            return new TypedAnswer(await response.Content.ReadAsStringAsync());
        }),
    ];

    private static IEnumerable<RecordedRoute> LoggedModels() =>
    [
        new("POST", Api + "logged-models", (sender, e) => TypedAnswer.OfAsync(
            "model",
            new LoggedModelsApi(sender).CreateAsync(Body(e, RestJson.Default.CreateLoggedModelRequest), default),
            RestJson.Default.WireLoggedModel)),
        new("GET", LoggedModel, (sender, e) => TypedAnswer.OfAsync(
            "model", new LoggedModelsApi(sender).GetAsync(ModelOf(e), allowDeleted: false, default), RestJson.Default.WireLoggedModel)),
        new("PATCH", LoggedModel, (sender, e) => TypedAnswer.OfAsync(
            "model", new LoggedModelsApi(sender).FinalizeAsync(ModelOf(e), e.Argument("status")!, default), RestJson.Default.WireLoggedModel)),
        new("DELETE", LoggedModel, (sender, e) => TypedAnswer.NothingAsync(new LoggedModelsApi(sender).DeleteAsync(ModelOf(e), default))),
        new("POST", LoggedModel + "/params", (sender, e) => TypedAnswer.NothingAsync(
            new LoggedModelsApi(sender).LogParamsAsync(ModelOf(e), Body(e, RestJson.Default.LoggedModelParamsRequest).Params, default))),
        new("PATCH", LoggedModel + "/tags", (sender, e) => TypedAnswer.NothingAsync(
            new LoggedModelsApi(sender).SetTagsAsync(ModelOf(e), Body(e, RestJson.Default.LoggedModelTagsRequest).Tags, default))),
        new("DELETE", LoggedModel + "/tags/{key}", (sender, e) => TypedAnswer.NothingAsync(
            new LoggedModelsApi(sender).DeleteTagAsync(ModelOf(e), Uri.UnescapeDataString(e.Route.Split('/')[^1]), default))),
        new("POST", Api + "logged-models/search", (sender, e) => TypedAnswer.OfAsync(
            new LoggedModelsApi(sender).SearchAsync(Body(e, RestJson.Default.SearchLoggedModelsRequest), default),
            RestJson.Default.SearchLoggedModelsResponse)),
        new("GET", LoggedModel + "/artifacts/directories", (sender, e) => TypedAnswer.OfAsync(
            new LoggedModelsApi(sender).ListArtifactsAsync(ModelOf(e), e.Argument("artifact_directory_path") ?? "", default),
            RestJson.Default.ListArtifactsResponse)),
    ];

    private static T Body<T>(RecordedExchange exchange, JsonTypeInfo<T> typeInfo) => exchange.RequestBody!.Value.Deserialize(typeInfo)!;

    private static int? Number(RecordedExchange exchange, string name)
        => exchange.Argument(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string ModelOf(RecordedExchange exchange) => exchange.Route.Split('/')[5];
}
