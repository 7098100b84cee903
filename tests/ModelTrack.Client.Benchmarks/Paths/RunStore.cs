using System.Globalization;
using System.Text;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>Writes a folder of runs as MLflow lays it out, with plain file writes: by default 25 files a run.</summary>
internal static class RunStore
{
    public const string ExperimentId = "1";

    /// <param name="store">Where; a new folder.</param>
    /// <param name="runs">How many runs.</param>
    /// <param name="keys">How many params, and how many metrics, each has.</param>
    /// <returns>The ids of the runs.</returns>
    public static IReadOnlyList<string> Write(string store, int runs, int keys = 10)
    {
        var experiment = Path.Combine(store, ExperimentId);
        Directory.CreateDirectory(experiment);
        Write(
            Path.Combine(experiment, "meta.yaml"),
            $"""
            artifact_location: file://{experiment}
            creation_time: 1700000000000
            experiment_id: '{ExperimentId}'
            last_update_time: 1700000000000
            lifecycle_stage: active
            name: bench

            """);
        var ids = Enumerable.Range(1, runs).Select(i => i.ToString("x32", CultureInfo.InvariantCulture)).ToList();
        Parallel.For(0, runs, i => WriteRun(experiment, ids[i], i, keys));
        return ids;
    }

    private static void WriteRun(string experiment, string id, int number, int keys)
    {
        var folder = Path.Combine(experiment, id);
        foreach (var part in new[] { "params", "metrics", "tags", "artifacts" })
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }

        var start = 1_700_000_000_000 + (number * 1000L);
        Write(
            Path.Combine(folder, "meta.yaml"),
            string.Create(CultureInfo.InvariantCulture, $"""
            artifact_uri: file://{folder}/artifacts
            end_time: {start + 900}
            entry_point_name: ''
            experiment_id: '{ExperimentId}'
            lifecycle_stage: active
            run_id: '{id}'
            run_name: run-{number}
            run_uuid: '{id}'
            source_name: ''
            source_type: 4
            source_version: ''
            start_time: {start}
            status: 3
            tags: []
            user_id: bench

            """));
        for (var k = 0; k < keys; k++)
        {
            Write(Path.Combine(folder, "params", $"param{k}"), string.Create(CultureInfo.InvariantCulture, $"value-{number % 7}-{k}"));
            Write(
                Path.Combine(folder, "metrics", $"metric{k}"),
                string.Create(CultureInfo.InvariantCulture, $"{start} {1.0 / (1 + number + k)} 0\n"));
        }

        foreach (var (key, value) in new[] { ("mlflow.runName", $"run-{number}"), ("mlflow.user", "bench"), ("mlflow.source.name", "bench"), ("mlflow.source.type", "LOCAL") })
        {
            Write(Path.Combine(folder, "tags", key), value);
        }
    }

    private static void Write(string path, string text)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
    }
}
