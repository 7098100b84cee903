using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Many metrics, params and tags at once.</summary>
internal static class BatchRoutes
{
    private static readonly MessageType Log = new(
        Field.Text("run_id", Check.Text, Check.Required),
        Field.Many("metrics", MetricRoutes.Point, Check.List, Check.EachHas("metrics", "key", "value", "timestamp")),
        Field.Many("params", Pairs.Type, Check.List, Check.EachHas("params", "key")),
        Field.Many("tags", Pairs.Type, Check.List, Check.EachHas("tags", "key")));

    public static void AddTo(Router router) => router.Api("POST", "/runs/log-batch", OnLog);

    private static FakeAnswer OnLog(Call call)
    {
        var request = call.Read(Log);
        var id = request.Text("run_id");
        Names.CheckRunId(id);

        var messages = request.Many("metrics");
        var metrics = new List<LoggedMetric>(messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            metrics.Add(MetricWriter.Read(call, messages[i]));
            MetricWriter.Check(call, metrics[i], $"metrics[{i}].");
        }

        var batchParams = Pairs.Of(request.Many("params"));
        for (var i = 0; i < batchParams.Count; i++)
        {
            var (key, value) = batchParams[i];
            batchParams[i] = KeyValuePair.Create(key, RunRoutes.CheckParam(call, key, value, $"params[{i}]."));
        }

        var tags = Pairs.Of(request.Many("tags"));
        for (var i = 0; i < tags.Count; i++)
        {
            var (key, value) = tags[i];
            tags[i] = KeyValuePair.Create(key, RunRoutes.CheckTag(call, key, value, $"tags[{i}]."));
        }

        CheckLimit("metrics", 1000, metrics.Count);
        CheckLimit("params", 100, batchParams.Count);
        CheckLimit("tags", 100, tags.Count);
        CheckLimit("metrics, params, and tags", 1000, metrics.Count + batchParams.Count + tags.Count);
        CheckUnique(batchParams);

        var run = RunRoutes.FindActive(call, id);
        var writer = new MetricWriter(call, () => run);
        if (call.IsSql)
        {
            AddParams(run, batchParams);
            MetricWriter.Insert(run, metrics);
            writer.InsertForModels(run, metrics);
            tags.ForEach(tag => RunRoutes.SetTag(call, run, tag.Key, tag.Value));
        }
        else
        {
            WriteFiles(call, run, writer, batchParams, metrics, tags);
        }

        return Json.Empty;
    }

    /// <summary>Files are written one after another; whatever fails is an internal error, and what was written stays.</summary>
    private static void WriteFiles(
        Call call,
        FakeRun run,
        MetricWriter writer,
        List<KeyValuePair<string, string>> batchParams,
        List<LoggedMetric> metrics,
        List<KeyValuePair<string, string>> tags)
    {
        try
        {
            batchParams.ForEach(param => RunRoutes.WriteParamFile(call, run, param.Key, param.Value));
            metrics.ForEach(metric => writer.AppendToFile(run, metric));
            tags.ForEach(tag => RunRoutes.SetTag(call, run, tag.Key, tag.Value));
        }
        catch (Exception exception) when (exception is FakeException or ServerCrashException)
        {
            throw FakeException.Internal(exception.Message);
        }
    }

    private static void AddParams(FakeRun run, List<KeyValuePair<string, string>> batchParams)
    {
        var changed = batchParams.Where(p => run.ParamStore.TryGetValue(p.Key, out var stored) && stored != p.Value).ToList();
        if (changed.Count > 0)
        {
            var list = string.Join(", ", changed.Select(p => $"{{'key': {PythonText.Quoted(p.Key)}, 'old_value':"
                + $" {PythonText.Quoted(run.ParamStore[p.Key])}, 'new_value': {PythonText.Quoted(p.Value)}}}"));
            throw FakeException.Invalid(
                $"Changing param values is not allowed. Params were already logged='[{list}]' for run ID='{run.Id}'.");
        }

        batchParams.ForEach(p => run.ParamStore.TryAdd(p.Key, p.Value));
    }

    private static void CheckLimit(string what, int limit, int count)
    {
        if (count > limit)
        {
            throw FakeException.Invalid(
                $"A batch logging request can contain at most {limit} {what}. Got {count} {what}. Please split up {what} across multiple"
                + " requests and try again.");
        }
    }

    private static void CheckUnique(List<KeyValuePair<string, string>> batchParams)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var twice = batchParams.Select(p => p.Key).Where(key => !seen.Add(key)).ToList();
        if (twice.Count > 0)
        {
            throw FakeException.Invalid(
                $"Duplicate parameter keys have been submitted: {PythonText.List(twice)}. Please ensure the request contains only one"
                + " param value per param key.");
        }
    }
}
