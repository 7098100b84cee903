using System.Diagnostics;
using ModelTrack.Client;
using ModelTrack.Client.AotSmoke;

// The main paths of the library, compiled ahead of time: into a folder, its registry, and a server. Ends with 1 when something is not there.
var start = Stopwatch.GetTimestamp();
var folder = Directory.CreateTempSubdirectory("modeltrack-aot-").FullName;
var failed = 0;
try
{
    FirstRun();
    Console.WriteLine($"first run: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
    await FolderAsync();
    await ServerAsync();
}
finally
{
    Directory.Delete(folder, recursive: true);
}

Console.WriteLine(failed == 0 ? "all is there" : $"{failed} checks failed");
return failed == 0 ? 0 : 1;

void FirstRun()
{
    using var tracker = new Tracker(Path.Combine(folder, "first"));
    using var run = tracker.StartRun("first");
    run.LogMetric("loss", 1);
}

async Task FolderAsync()
{
    using var tracker = new Tracker(Path.Combine(folder, "mlruns"));
    string runId;
    using (var run = tracker.StartRun("aot", experiment: "smoke", tags: new Dictionary<string, string> { ["team"] = "core" }))
    {
        runId = run.Id;
        run.LogParams(("solver", "sgd"), ("depth", 3)).SetTag("kind", "smoke");
        for (var step = 0; step < 1000; step++)
        {
            run.LogMetric("loss", 1.0 / (step + 1), step);
        }

        using (var child = run.StartChild("fold"))
        {
            child.LogMetric("auc", 0.9);
        }

        run.LogText("notes.md", "# Notes").LogJson("settings.json", new Settings("sgd", 3), SettingsJson.Default.Settings);
        run.LogModel(
            path => File.WriteAllText(Path.Combine(path, "weights"), "0.5"),
            "model",
            new LogModelOptions { Flavors = { ["plain"] = ModelValue.Map(("data", "weights")) } });
        var report = await run.EndAsync();
        Check(report.Pending == 0 && report.Rejected == 0, $"all is stored: {report}");
    }

    var stored = await tracker.Runs.GetAsync(runId);
    Check(stored.Status == RunStatus.Finished && stored.Params["depth"] == "3" && stored.Metrics["loss"].Step == 999, "the run is read back");
    Check(await CountAsync(tracker.Runs.GetMetricHistoryAsync(runId, "loss")) == 1000, "its history has a thousand points");
    Check(await CountAsync(tracker.Runs.SearchAsync("smoke", "params.solver = 'sgd' AND metrics.loss < 0.1")) == 1, "a filter finds it");
    Check((await tracker.Runs.ListArtifactsAsync(runId)).Count == 3, "its artifacts are listed");

    var version = await tracker.Registry.RegisterModelAsync("smoke", $"runs:/{runId}/model");
    await tracker.Registry.SetAliasAsync("smoke", "champion", version.Version);
    var model = await tracker.Models.DownloadAsync("models:/smoke@champion");
    Check(model.Manifest.Flavors.ContainsKey("plain") && File.Exists(Path.Combine(model.Path, "weights")), "the model is found by its alias");
}

async Task ServerAsync()
{
    using var server = new AnyServer();
    using var tracker = new Tracker(new TrackerOptions { TrackingUri = server.Url, JournalDirectory = Path.Combine(folder, "journals") });
    using var run = tracker.StartRun("aot", experiment: "e");
    run.LogParam("solver", "sgd").LogMetric("loss", 0.5, step: 7);
    var report = await run.EndAsync();
    Check(report.Pending == 0 && report.Rejected == 0, $"the server takes all: {report}");
    Check(server.Batches.Contains("\"key\":\"loss\",\"value\":0.5", StringComparison.Ordinal), $"it has the point: {server.Batches}");
}

static async Task<int> CountAsync<T>(IAsyncEnumerable<T> items)
{
    var count = 0;
    await foreach (var _ in items)
    {
        count++;
    }

    return count;
}

void Check(bool holds, string what)
{
    Console.WriteLine($"{(holds ? "ok" : "NOT OK")}: {what}");
    failed += holds ? 0 : 1;
}
