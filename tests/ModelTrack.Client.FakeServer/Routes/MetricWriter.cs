using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Stores points, with all that a database or a file makes of equal ones and of what is no number.</summary>
internal sealed class MetricWriter(Call call, Func<FakeRun> findActive)
{
    public static LoggedMetric Read(Call call, Message message)
    {
        var point = new FakePoint(message.Number("value"), message.Integer("step"), message.Integer("timestamp"));
        return call.Version.AtLeast(3, 0)
            ? new(
                message.Text("key"),
                point,
                message.TextOrNull("model_id"),
                message.TextOrNull("dataset_name"),
                message.TextOrNull("dataset_digest"))
            : new(message.Text("key"), point, null, null, null);
    }

    /// <param name="call">The request.</param>
    /// <param name="metric">The point.</param>
    /// <param name="path">Where it stands in the request, with a dot at the end, or empty.</param>
    public static void Check(Call call, LoggedMetric metric, string path)
    {
        Names.CheckKey(metric.Key, path + "name", call.Version);
        if (metric.Point.Timestamp < 0)
        {
            throw FakeException.Invalid(
                $"Invalid value {metric.Point.Timestamp} for parameter '{path}timestamp' supplied: metric '{metric.Key}'"
                + $" (value={PythonText.Of(metric.Point.Value)}). Timestamp must be a nonnegative long (64-bit integer) ");
        }

        Names.CheckLength("Metric name", Names.MaxKeyLength, metric.Key);
        if (metric.DatasetName is null != metric.DatasetDigest is null)
        {
            throw FakeException.Invalid("Both dataset_name and dataset_digest must be provided if one is provided");
        }
    }

    public void LogOne(LoggedMetric metric)
    {
        var run = findActive();
        if (!call.IsSql)
        {
            AppendToFile(run, metric);
            return;
        }

        InsertForModels(run, [metric]);
        Insert(run, [metric]);
    }

    /// <summary>Adds a line to the metric's file.</summary>
    public void AppendToFile(FakeRun run, LoggedMetric metric)
    {
        RunRoutes.CheckFree(call, run.MetricStore.Keys, metric.Key);
        var series = SeriesOf(run, metric.Key);

        // A line with a data set has five parts, and only of lines with three the step is read.
        series.Add(metric.DatasetName is null ? metric.Point : metric.Point with { Step = 0 }, distinct: false);
        series.IsMalformed |= metric.DatasetName?.Contains(' ') == true || metric.DatasetDigest?.Contains(' ') == true;
        if (metric.ModelId is not null)
        {
            if (!call.State.LoggedModelStore.TryGetValue(metric.ModelId, out var model))
            {
                throw FakeException.NotFound($"Model '{metric.ModelId}' not found");
            }

            model.MetricStore.Add(new FakeModelMetric(metric.Key, metric.Point, run.Id, metric.DatasetName, metric.DatasetDigest));
        }
    }

    /// <summary>
    /// Inserts rows in one transaction. When one of them is there already, those that are found again are left out and the rest is tried
    /// once more; a NaN is never found again, as it equals nothing, so that the second try fails too.
    /// </summary>
    public static void Insert(FakeRun run, IReadOnlyList<LoggedMetric> metrics)
    {
        var seen = new HashSet<LoggedMetric>(metrics.Count);
        var rows = new List<(string Key, FakePoint Point)>(metrics.Count);
        foreach (var metric in metrics)
        {
            if (double.IsNaN(metric.Point.Value) || seen.Add(metric))
            {
                rows.Add((metric.Key, ToRow(metric.Point)));
            }
        }

        if (Violates(run, rows))
        {
            rows.RemoveAll(row => !double.IsNaN(row.Point.Value) && Exists(run, row));
            if (Violates(run, rows))
            {
                throw FakeException.Database(
                    "UNIQUE constraint failed: metrics.key, metrics.timestamp, metrics.step, metrics.run_uuid, metrics.value,"
                    + " metrics.is_nan");
            }
        }

        foreach (var (key, point) in rows)
        {
            SeriesOf(run, key).Add(point, distinct: true);
        }
    }

    public void InsertForModels(FakeRun run, IReadOnlyList<LoggedMetric> metrics)
    {
        var rows = new List<(FakeLoggedModel Model, FakeModelMetric Metric)>();
        foreach (var metric in metrics.Where(metric => metric.ModelId is not null).Distinct())
        {
            var point = ToRow(metric.Point);
            var stored = new FakeModelMetric(
                metric.Key,
                double.IsNaN(point.Value) ? point with { Value = 0 } : point,
                run.Id,
                metric.DatasetName,
                metric.DatasetDigest);
            if (!call.State.LoggedModelStore.TryGetValue(metric.ModelId!, out var model))
            {
                throw FakeException.Database("FOREIGN KEY constraint failed");
            }

            if (model.MetricStore.Contains(stored))
            {
                continue;
            }

            if (model.MetricStore.Concat(rows.Where(r => r.Model == model).Select(r => r.Metric)).Any(other => other.Key == stored.Key
                && other.RunId == stored.RunId && other.Point.Step == stored.Point.Step && other.Point.Timestamp == stored.Point.Timestamp))
            {
                throw FakeException.Database(
                    "UNIQUE constraint failed: logged_model_metrics.model_id, logged_model_metrics.metric_name,"
                    + " logged_model_metrics.metric_timestamp_ms, logged_model_metrics.metric_step, logged_model_metrics.run_id");
            }

            rows.Add((model, stored));
        }

        foreach (var (model, stored) in rows)
        {
            model.MetricStore.Add(stored);
        }
    }

    /// <summary>A point as a database has it: no infinities, no negative zero.</summary>
    private static FakePoint ToRow(FakePoint point) => point with
    {
        Value = double.IsInfinity(point.Value) ? Math.CopySign(double.MaxValue, point.Value) : point.Value == 0 ? 0 : point.Value,
    };

    private static bool Exists(FakeRun run, (string Key, FakePoint Point) row)
        => run.MetricStore.TryGetValue(row.Key, out var series) && series.Contains(row.Point);

    private static bool Violates(FakeRun run, List<(string Key, FakePoint Point)> rows)
    {
        var distinct = new HashSet<(string Key, FakePoint Point)>(rows.Count);
        foreach (var row in rows)
        {
            if (!distinct.Add(row) || Exists(run, row))
            {
                return true;
            }
        }

        return false;
    }

    private static MetricSeries SeriesOf(FakeRun run, string key)
    {
        if (!run.MetricStore.TryGetValue(key, out var series))
        {
            series = new MetricSeries();
            run.MetricStore.Add(key, series);
        }

        return series;
    }
}
