using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>Everything in a store that MLflow wrote reads back as MLflow reads it.</summary>
internal sealed class GoldenStoreTests
{
    private static readonly JsonElement Expected =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(TempStore.FixtureFolder, "expected.json"))).RootElement;

    private readonly FileBackend _backend =
        new(Path.Combine(TempStore.FixtureFolder, "mlruns"), FolderAddressing.PlainPath, TimeProvider.System, NullLogger.Instance);

    private static IEnumerable<TestCaseData> Runs
        => Expected.GetProperty("runs").EnumerateArray()
            .Select(r => new TestCaseData(r).SetArgDisplayNames(r.GetProperty("info").GetProperty("run_name").GetString()!));

    [Test]
    public async Task Experiments_read_back_as_MLflow_reads_them()
    {
        using var store = TempStore.OfFixture();
        var page = await store.Backend.SearchExperimentsAsync(new ExperimentQuery { View = ViewType.All }, null, default);

        foreach (var expected in Expected.GetProperty("experiments").EnumerateArray())
        {
            var experiment = await _backend.GetExperimentAsync(Text(expected, "experiment_id")!, default);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(experiment.Name, Is.EqualTo(Text(expected, "name")));
                Assert.That(experiment.ArtifactLocation, Is.EqualTo(Text(expected, "artifact_location")));
                Assert.That(experiment.LifecycleStage.ToString(), Is.EqualTo(Text(expected, "lifecycle_stage")).IgnoreCase);
                Assert.That(experiment.CreationTime?.ToUnixTimeMilliseconds(), Is.EqualTo(Number(expected, "creation_time")));
                Assert.That(experiment.LastUpdateTime?.ToUnixTimeMilliseconds(), Is.EqualTo(Number(expected, "last_update_time")));
                Assert.That(experiment.Tags, Is.EquivalentTo(Map(expected.GetProperty("tags"))));
                Assert.That(await _backend.FindExperimentAsync(experiment.Name, default), Is.Not.Null);
            }
        }

        Assert.That(page.Items, Has.Count.EqualTo(Expected.GetProperty("experiments").GetArrayLength()));
        Assert.That(store.Log.Warnings, Is.Empty);
    }

    [TestCaseSource(nameof(Runs))]
    public async Task A_run_reads_back_as_MLflow_reads_it(JsonElement expected)
    {
        var info = expected.GetProperty("info");
        var run = await _backend.GetRunAsync(Text(info, "run_id")!, default);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExperimentId, Is.EqualTo(Text(info, "experiment_id")));
            Assert.That(run.Name, Is.EqualTo(Text(info, "run_name")));
            Assert.That(run.UserId, Is.EqualTo(Text(info, "user_id")));
            Assert.That(run.Status.ToString(), Is.EqualTo(Text(info, "status")).IgnoreCase);
            Assert.That(run.StartTime.ToUnixTimeMilliseconds(), Is.EqualTo(Number(info, "start_time")));
            Assert.That(run.EndTime?.ToUnixTimeMilliseconds(), Is.EqualTo(Number(info, "end_time")));
            Assert.That(run.LifecycleStage.ToString(), Is.EqualTo(Text(info, "lifecycle_stage")).IgnoreCase);
            Assert.That(run.ArtifactUri, Is.EqualTo(Text(info, "artifact_uri")));
            Assert.That(run.Params, Is.EquivalentTo(Map(expected.GetProperty("params"))));
            Assert.That(run.Tags, Is.EquivalentTo(Map(expected.GetProperty("tags"))));
            Assert.That(
                run.Metrics.Select(m => (m.Key, Bits(m.Value.Value))),
                Is.EquivalentTo(expected.GetProperty("latest_metrics").EnumerateObject().Select(m => (m.Name, Bits(Double(m.Value))))));
            Assert.That(
                run.ModelInputs,
                Is.EquivalentTo(expected.GetProperty("model_inputs").EnumerateArray().Select(m => m.GetString())));
            Assert.That(
                run.ModelOutputs,
                Is.EquivalentTo(expected.GetProperty("model_outputs").EnumerateArray()
                    .Select(m => new ModelOutput(m[0].GetString()!, m[1].GetInt64()))));
        }
    }

    [TestCaseSource(nameof(Runs))]
    public async Task Metric_histories_read_back_as_MLflow_reads_them(JsonElement expected)
    {
        var runId = Text(expected.GetProperty("info"), "run_id")!;
        foreach (var metric in Objects(expected.GetProperty("metric_history")))
        {
            var points = new List<(long, long, long)>();
            await foreach (var point in _backend.GetMetricHistoryAsync(runId, metric.Name, default))
            {
                points.Add((point.TimestampMilliseconds, Bits(point.Value), point.Step));
            }

            // Logged at step 3 with a dataset: the file says so, and MLflow reads such lines as step 0 by mistake.
            var mistake = metric.Name == "val_rmse" ? 3 : 0;
            Assert.That(
                points,
                Is.EqualTo(metric.Value.EnumerateArray()
                    .Select(p => (p[0].GetInt64(), Bits(Double(p[1])), p[2].GetInt64() + mistake)).ToList()),
                metric.Name);
        }
    }

    [TestCaseSource(nameof(Runs))]
    public async Task Dataset_inputs_read_back_as_MLflow_reads_them(JsonElement expected)
    {
        var run = await _backend.GetRunAsync(Text(expected.GetProperty("info"), "run_id")!, default);
        var inputs = expected.GetProperty("dataset_inputs").EnumerateArray().ToList();

        Assert.That(run.DatasetInputs, Has.Count.EqualTo(inputs.Count));
        foreach (var input in inputs)
        {
            var dataset = run.DatasetInputs.Single(d => d.Name == Text(input, "name"));
            using (Assert.EnterMultipleScope())
            {
                Assert.That(dataset.Digest, Is.EqualTo(Text(input, "digest")));
                Assert.That(dataset.SourceType, Is.EqualTo(Text(input, "source_type")));
                Assert.That(dataset.Source, Is.EqualTo(Text(input, "source")));
                Assert.That(dataset.Schema, Is.EqualTo(Text(input, "schema")));
                Assert.That(dataset.Profile, Is.EqualTo(Text(input, "profile")));
                Assert.That(dataset.Tags, Is.EquivalentTo(Map(input.GetProperty("tags"))));
            }
        }
    }

    [TestCaseSource(nameof(Runs))]
    public async Task Artifacts_of_a_store_that_was_moved_are_found_in_the_runs_folder(JsonElement expected)
    {
        var runId = Text(expected.GetProperty("info"), "run_id")!;
        var found = new List<(string, bool, long?, string?)>();
        var folders = new Queue<string>([""]);
        while (folders.TryDequeue(out var folder))
        {
            foreach (var entry in await _backend.ListArtifactsAsync(runId, folder, default))
            {
                string? hash = null;
                if (entry.IsDirectory)
                {
                    folders.Enqueue(entry.Path);
                }
                else
                {
                    await using var content = await _backend.OpenArtifactAsync(runId, entry.Path, default);
                    hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content));
                }

                found.Add((entry.Path, entry.IsDirectory, entry.Size, hash));
            }
        }

        var artifacts = Items(expected.GetProperty("artifacts"));
        Assert.That(
            found.Select(f => (f.Item1, f.Item2, f.Item3)),
            Is.EquivalentTo(artifacts.Select(a => (Text(a, "path")!, a.GetProperty("is_dir").GetBoolean(), Number(a, "file_size")))));
        foreach (var artifact in artifacts.Where(a => a.TryGetProperty("sha256", out _)))
        {
            Assert.That(found.Single(f => f.Item1 == Text(artifact, "path")).Item4, Is.EqualTo(Text(artifact, "sha256")));
        }
    }

    [Test]
    public async Task A_search_finds_what_the_view_asks_for()
    {
        const string Experiment = "314276688541905216";

        Assert.That(await NamesAsync(Experiment, ViewType.ActiveOnly), Is.EquivalentTo(["finished-run", "nested-failed", "still-running"]));
        Assert.That(await NamesAsync(Experiment, ViewType.DeletedOnly), Is.EquivalentTo(["deleted-run"]));
        Assert.That(await NamesAsync("707305440680642981", ViewType.All), Is.EquivalentTo(["inside-deleted"]));
        Assert.That(await NamesAsync("1", ViewType.All), Is.Empty);
    }

    [Test]
    public void Every_meta_file_reads_back_the_same_after_a_rewrite_and_by_either_parser()
    {
        foreach (var file in Directory.GetFiles(TempStore.FixtureFolder, "meta.yaml", SearchOption.AllDirectories))
        {
            var original = File.ReadAllBytes(file);
            var written = MetaYaml.Parse(original).ToUtf8();

            Assert.That(Flatten(MetaYamlParser.Parse(written)), Is.EqualTo(Flatten(MetaYamlParser.Parse(original))), file);
            if (MetaYamlFastParser.TryParse(original, out var fast))
            {
                Assert.That(Flatten(fast), Is.EqualTo(Flatten(MetaYamlParser.Parse(original))), file);
            }
        }
    }

    private static List<string> Flatten(IEnumerable<KeyValuePair<string, YamlNode>> entries) => [.. entries
        .OrderBy(e => e.Key, StringComparer.Ordinal)
        .Select(e => e.Key + "=" + e.Value switch
        {
            YamlScalar { IsNull: true } => "null",
            YamlScalar scalar => scalar.Text,
            YamlMapping mapping => "{" + string.Join(',', Flatten(mapping.Entries)) + "}",
            YamlSequence sequence => $"[{sequence.Items.Count}]",
            _ => "?",
        })];

    private async Task<List<string>> NamesAsync(string experimentId, ViewType view)
    {
        var page = await _backend.SearchRunsAsync(new RunQuery { ExperimentIds = [experimentId], View = view }, null, default);
        return [.. page.Items.Select(r => r.Name)];
    }

    // What MLflow could not read itself is null: the artifacts and histories of a run in a deleted experiment.
    private static List<JsonElement> Items(JsonElement element)
        => element.ValueKind == JsonValueKind.Null ? [] : [.. element.EnumerateArray()];

    private static List<JsonProperty> Objects(JsonElement element)
        => element.ValueKind == JsonValueKind.Null ? [] : [.. element.EnumerateObject()];

    // -0.0 and 0.0 are equal, and NaN is not equal to itself; their bits tell them as they are.
    private static long Bits(double value) => double.IsNaN(value) ? long.MinValue + 1 : BitConverter.DoubleToInt64Bits(value);

    private static double Double(JsonElement value)
        => value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();

    private static string? Text(JsonElement parent, string name) => parent.GetProperty(name).GetString();

    private static long? Number(JsonElement parent, string name)
        => parent.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static Dictionary<string, string> Map(JsonElement element)
        => element.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
}
