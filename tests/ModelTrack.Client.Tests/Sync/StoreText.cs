using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ModelTrack.Client.Tests.Backends.Files;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>
/// All that is in a store, as lines of text by experiment and run: two stores with the same runs have the same text, whatever their ids and
/// places are.
/// </summary>
internal static class StoreText
{
    /// <param name="tracker">The store.</param>
    /// <param name="asDatabase">As a database keeps it: points sorted and once each, without infinities and negative zeros.</param>
    /// <param name="withHashes">With the hashes of artifacts, which the expectation does not have.</param>
    public static async Task<List<string>> OfAsync(Tracker tracker, bool asDatabase = false, bool withHashes = false)
    {
        var store = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var experiment in tracker.Experiments.SearchAsync(view: ViewType.All))
        {
            var about = new List<string> { experiment.LifecycleStage.ToString() };
            about.AddRange(Pairs("tag", Own(experiment.Tags)));
            store[experiment.Name] = Join(about);
            await foreach (var run in tracker.Runs.SearchAsync(experiment.Name, view: ViewType.All))
            {
                store[$"{experiment.Name}/{run.Name}"] = await OfRunAsync(tracker, run, experiment, asDatabase, withHashes);
            }
        }

        return Lines(store);
    }

    /// <summary>The store that MLflow wrote, as MLflow reads it.</summary>
    public static List<string> OfExpected(bool asDatabase = false)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(TempStore.FixtureFolder, "expected.json")));
        var root = json.RootElement;
        var store = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var names = root.GetProperty("experiments").EnumerateArray()
            .ToDictionary(experiment => Text(experiment, "experiment_id")!, experiment => Text(experiment, "name")!);
        foreach (var experiment in root.GetProperty("experiments").EnumerateArray())
        {
            var stage = Text(experiment, "lifecycle_stage") == "deleted" ? LifecycleStage.Deleted : LifecycleStage.Active;
            store[Text(experiment, "name")!] = Join([stage.ToString(), .. Pairs("tag", Map(experiment.GetProperty("tags")))]);
        }

        var runNames = root.GetProperty("runs").EnumerateArray().ToDictionary(
            run => Text(run.GetProperty("info"), "run_id")!, run => Text(run.GetProperty("info"), "run_name")!);
        foreach (var run in root.GetProperty("runs").EnumerateArray())
        {
            var info = run.GetProperty("info");
            var lines = new List<string>
            {
                string.Join(
                    ' ',
                    Text(info, "status"),
                    Text(info, "user_id"),
                    Text(info, "lifecycle_stage"),
                    Number(info, "start_time"),
                    Number(info, "end_time")).ToUpperInvariant(),
            };
            var tags = Map(run.GetProperty("tags"));
            if (tags.TryGetValue("mlflow.parentRunId", out var parent))
            {
                tags["mlflow.parentRunId"] = runNames[parent];
            }

            lines.AddRange(Pairs("tag", tags));
            lines.AddRange(Pairs("param", Map(run.GetProperty("params"))));
            if (run.GetProperty("metric_history").ValueKind == JsonValueKind.Object)
            {
                foreach (var metric in run.GetProperty("metric_history").EnumerateObject())
                {
                    // MLflow reads lines with a data set as step 0 by mistake; the file says 3.
                    var mistake = metric.Name == "val_rmse" ? 3 : 0;
                    lines.Add(Metric(
                        metric.Name,
                        metric.Value.EnumerateArray().Select(
                            point => new MetricPoint(Double(point[1]), point[2].GetInt64() + mistake, point[0].GetInt64())),
                        asDatabase));
                }
            }

            foreach (var input in run.GetProperty("dataset_inputs").EnumerateArray())
            {
                lines.Add(Input(new DatasetInput(
                    Text(input, "name")!, Text(input, "digest")!, Text(input, "source_type")!, Text(input, "source")!,
                    Text(input, "schema"), Text(input, "profile"), Map(input.GetProperty("tags")))));
            }

            if (run.GetProperty("artifacts").ValueKind == JsonValueKind.Array)
            {
                lines.AddRange(run.GetProperty("artifacts").EnumerateArray()
                    .Where(artifact => !artifact.GetProperty("is_dir").GetBoolean())
                    .Select(artifact => $"artifact {Text(artifact, "path")} {Number(artifact, "file_size")}"));
            }

            store[$"{names[Text(info, "experiment_id")!]}/{Text(info, "run_name")}"] = Join(lines);
        }

        return Lines(store);
    }

    private static async Task<string> OfRunAsync(Tracker tracker, RunSnapshot run, Experiment experiment, bool asDatabase, bool withHashes)
    {
        var lines = new List<string>
        {
            string.Join(
                ' ',
                run.Status,
                run.UserId,
                run.LifecycleStage,
                run.StartTime.ToUnixTimeMilliseconds(),
                run.EndTime?.ToUnixTimeMilliseconds()).ToUpperInvariant(),
        };
        var tags = Own(run.Tags);
        if (run.ParentRunId is { } parent)
        {
            tags["mlflow.parentRunId"] = (await tracker.Runs.GetAsync(parent)).Name;
        }

        lines.AddRange(Pairs("tag", tags));
        lines.AddRange(Pairs("param", run.Params));

        // MLflow's client could not read these when the expectation was written.
        foreach (var key in experiment.LifecycleStage == LifecycleStage.Deleted ? [] : run.Metrics.Keys)
        {
            var points = new List<MetricPoint>();
            await foreach (var point in tracker.Runs.GetMetricHistoryAsync(run.Id, key))
            {
                points.Add(point);
            }

            lines.Add(Metric(key, points, asDatabase));
        }

        lines.AddRange(run.DatasetInputs.Select(Input));
        var folders = new Queue<string>([""]);
        while (folders.TryDequeue(out var folder))
        {
            foreach (var entry in await tracker.Runs.ListArtifactsAsync(run.Id, folder))
            {
                if (entry.Path == "sk-model")
                {
                    continue;
                }

                if (entry.IsDirectory)
                {
                    folders.Enqueue(entry.Path);
                    continue;
                }

                lines.Add($"artifact {entry.Path} {entry.Size}");
                if (withHashes)
                {
                    await using var content = await tracker.Runs.OpenArtifactAsync(run.Id, entry.Path);
                    lines.Add($"hash {entry.Path} {Convert.ToHexStringLower(await SHA256.HashDataAsync(content))}");
                }
            }
        }

        return Join(lines);
    }

    private static List<string> Lines(SortedDictionary<string, string> store)
        => [.. store.SelectMany(entry => entry.Value.Split('\n').Select(line => $"{entry.Key}: {line}"))];

    private static string Metric(string key, IEnumerable<MetricPoint> points, bool asDatabase)
    {
        if (asDatabase)
        {
            points = points
                .Select(point => point with
                {
                    Value = double.IsInfinity(point.Value) ? Math.CopySign(double.MaxValue, point.Value)
                        : point.Value == 0 ? 0
                        : point.Value,
                })
                .Distinct()
                .OrderBy(point => point.TimestampMilliseconds).ThenBy(point => point.Step).ThenBy(point => point.Value);
        }

        return $"metric {key}: " + string.Join(
            "; ",
            points.Select(point => string.Create(
                CultureInfo.InvariantCulture, $"{point.TimestampMilliseconds} {point.Step} {point.Value:R}")));
    }

    private static string Input(DatasetInput input)
        => $"input {input.Name} {input.Digest} {input.SourceType} {input.Source} {input.Schema} {input.Profile} "
            + string.Join(',', Pairs("tag", input.Tags));

    /// <summary>Where there are no logged models, the fixture's is among the artifacts, and in this tag.</summary>
    private static Dictionary<string, string> Own(IReadOnlyDictionary<string, string> tags)
        => tags.Where(tag => !SyncTags.IsOfStore(tag.Key) && tag.Key != SystemTags.ModelHistory)
            .ToDictionary(tag => tag.Key, tag => tag.Value);

    private static IEnumerable<string> Pairs(string what, IEnumerable<KeyValuePair<string, string>> pairs)
        => pairs.Select(pair => $"{what} {pair.Key} = {pair.Value}").Order(StringComparer.Ordinal);

    private static string Join(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    private static double Double(JsonElement value)
        => value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();

    private static string? Text(JsonElement parent, string name) => parent.GetProperty(name).GetString();

    private static long? Number(JsonElement parent, string name)
        => parent.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static Dictionary<string, string> Map(JsonElement element)
        => element.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
}
