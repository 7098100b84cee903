using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Metrics: one point, and the histories.</summary>
internal static class MetricRoutes
{
    /// <summary>A point in a request.</summary>
    public static readonly MessageType Point = new(
        Field.Text("key"),
        Field.Number("value"),
        Field.Integer("timestamp"),
        Field.Integer("step"),
        Field.Text("model_id"),
        Field.Text("dataset_name"),
        Field.Text("dataset_digest"));

    private const int MaxBulk = 25000;
    private const int MaxInterval = 2500;

    private static readonly MessageType Log = new(
        Field.Text("run_id", Check.Required, Check.Text),
        Field.Text("run_uuid"),
        Field.Text("key", Check.Required, Check.Text),
        Field.Number("value", Check.Required, Check.Number),
        Field.Integer("timestamp", Check.Integer, Check.Required),
        Field.Integer("step", Check.Integer),
        Field.Text("model_id", Check.Text),
        Field.Text("dataset_name", Check.Text),
        Field.Text("dataset_digest", Check.Text));

    private static readonly MessageType History = new(
        Field.Text("run_id", Check.Text, Check.Required),
        Field.Text("run_uuid"),
        Field.Text("metric_key", Check.Text, Check.Required),
        Field.Integer("max_results"),
        Field.Text("page_token", Check.Text));

    private static readonly MessageType Interval = new(
        Field.Texts("run_ids", Check.Required, Check.List, Check.ListOfTexts, Check.Custom(ids => ids.GetArrayLength() is > 100 and var count
            ? $"GetMetricHistoryBulkInterval request must specify at most 100 run_ids. Received {count} run_ids."
            : null)),
        Field.Text("metric_key", Check.Required, Check.Text),
        Field.Integer("start_step", Check.Integer),
        Field.Integer("end_step", Check.Integer),
        Field.Integer("max_results", Check.Integer, Check.Between(1, MaxInterval, $"max_results must be between 1 and {MaxInterval}.")));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/runs/log-metric", OnLog);
        router.Api("GET", "/metrics/get-history", OnGetHistory);
        router.Api("GET", "/metrics/get-history-bulk-interval", OnGetInterval, since: "2.11");
        router.Add("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk", OnGetBulk);
    }

    public static void WritePoint(Utf8JsonWriter json, FakePoint point)
    {
        json.WriteDouble("value", point.Value);
        json.WriteNumber("timestamp", point.Timestamp);
        json.WriteNumber("step", point.Step);
    }

    /// <summary>A run with a broken file of a metric cannot be read at all.</summary>
    public static void CheckReadable(FakeRun run)
    {
        if (run.MetricStore.FirstOrDefault(metric => metric.Value.IsMalformed).Key is { } key)
        {
            throw FakeException.Internal($"Metric '{key}' is malformed; persisted metric data contained 6 fields. Expected 2, 3, or 5 fields.");
        }
    }

    private static FakeAnswer OnLog(Call call)
    {
        var request = call.Read(Log);
        var metric = MetricWriter.Read(call, request);
        var writer = new MetricWriter(call, () => RunRoutes.FindActive(call, RunRoutes.IdOf(request)));
        MetricWriter.Check(call, metric, "");
        writer.LogOne(metric);
        return Json.Empty;
    }

    private static FakeAnswer OnGetHistory(Call call)
    {
        var request = call.Read(History);
        var (id, key, token) = (RunRoutes.IdOf(request), request.Text("metric_key"), request.TextOrNull("page_token"));
        IReadOnlyList<FakePoint> points;
        if (call.IsSql)
        {
            points = Ordered(call, id, key);
        }
        else
        {
            Names.CheckKey(key, "name", call.Version);
            var run = RunRoutes.Find(call, id);
            CheckReadable(run);
            points = run.GetHistory(key);
        }

        string? next = null;
        if (call.Version.AtLeast(3, 1, 1))
        {
            (points, next) = PageToken.Page(points, token, request.Integer("max_results"));
        }
        else if (token is not null)
        {
            throw FakeException.Internal(
                $"The {(call.IsSql ? "SQLAlchemyStore" : "FileStore")} backend does not support pagination for the `get_metric_history`"
                + $" API. Supplied argument `page_token` '{token}' must be `None`.");
        }

        return Json.Answer(json =>
        {
            json.WriteList("metrics", points, (w, point) =>
            {
                w.WriteString("key", key);
                WritePoint(w, point);
            });
            json.WriteOptional("next_page_token", next);
        });
    }

    private static FakeAnswer OnGetInterval(Call call)
    {
        var request = call.Read(Interval);
        var (ids, key) = (request.Texts("run_ids"), request.Text("metric_key"));
        var (start, end) = (request.Has("start_step"), request.Has("end_step"));
        var (first, last) = (request.Integer("start_step"), request.Integer("end_step"));
        if (start != end)
        {
            throw FakeException.Invalid("If either start step or end step are specified, both must be specified.");
        }

        if (start && first > last)
        {
            throw FakeException.Invalid($"end_step must be greater than start_step. Found start_step={first} and end_step={last}.");
        }

        var histories = ids.Select(id => (Id: id, Points: Ordered(call, id, key))).ToList();
        var steps = histories.SelectMany(h => h.Points).Select(p => p.Step).Distinct().Order().ToList();
        if (!start)
        {
            (first, last) = (0, steps.Count > 0 ? steps[^1] : 0);
        }

        var most = request.Has("max_results") ? (int)request.Integer("max_results") : MaxInterval;
        var chosen = Sample(steps.Where(s => s >= first && s <= last).ToList(), most);
        foreach (var (_, points) in histories.Where(h => h.Points.Count > 0))
        {
            chosen.UnionWith(new[] { points.Min(p => p.Step), points.Max(p => p.Step) }.Where(s => s >= first && s <= last));
        }

        return Json.Answer(json => json.WriteList(
            "metrics",
            histories.SelectMany(h => h.Points.Where(p => chosen.Contains(p.Step)).OrderBy(p => p.Step).Select(p => (h.Id, Point: p))),
            (w, item) =>
            {
                w.WriteString("key", key);
                WritePoint(w, item.Point);
                w.WriteString("run_id", item.Id);
            }));
    }

    private static HashSet<long> Sample(List<long> steps, int most)
    {
        if (steps.Count <= most)
        {
            return [.. steps];
        }

        var interval = (double)steps.Count / most;
        return [.. Enumerable.Range(0, most).Select(i => steps[(int)(i * interval)]), steps[^1]];
    }

    private static FakeAnswer OnGetBulk(Call call)
    {
        var ids = call.QueryValues("run_id").ToList();
        if (ids.Count is 0 or > 100)
        {
            throw FakeException.Invalid(ids.Count == 0
                ? "GetMetricHistoryBulk request must specify at least one run_id."
                : $"GetMetricHistoryBulk request cannot specify more than 100 run_ids. Received {ids.Count} run_ids.");
        }

        var key = call.QueryValue("metric_key")
            ?? throw FakeException.Invalid("GetMetricHistoryBulk request must specify a metric_key.");
        var most = Math.Min(int.TryParse(call.QueryValue("max_results"), out var asked) ? asked : MaxBulk, MaxBulk);
        return Json.Answer(json =>
        {
            // This one answer always has its list, and bare literals that are no JSON.
            json.WriteStartArray("metrics");
            foreach (var (id, point) in ids.Order(StringComparer.Ordinal).SelectMany(id => Ordered(call, id, key).Select(p => (id, p))).Take(most))
            {
                json.WriteStartObject();
                json.WriteString("key", key);
                json.WriteString("run_id", id);
                json.WriteNumber("step", point.Step);
                json.WriteNumber("timestamp", point.Timestamp);
                json.WritePropertyName("value");
                json.WriteRawValue(
                    double.IsNaN(point.Value) ? "NaN" : double.IsInfinity(point.Value) ? (point.Value > 0 ? "Infinity" : "-Infinity")
                        : PythonText.Of(point.Value),
                    skipInputValidation: true);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static IReadOnlyList<FakePoint> Ordered(Call call, string id, string key)
        => call.State.RunStore.TryGetValue(id, out var run) && run.MetricStore.TryGetValue(key, out var series) ? series.Ordered : [];
}
