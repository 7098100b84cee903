using System.Diagnostics;
using System.Globalization;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>
/// Copies a run of many points, and many runs, into a new folder or a server: for the first time, for a second, and when ten more points have
/// come. How long each takes, and by how much the process's private memory grows meanwhile.
/// </summary>
internal static class SyncPaths
{
    /// <param name="target">A server; null: a new folder.</param>
    /// <param name="points">The points of the one run.</param>
    /// <param name="runs">The number of runs.</param>
    public static async Task<int> RunAsync(string? target, int points, int runs)
    {
        using var scratch = ScratchFolder.ForManyFiles();
        await CopyAsync($"{points:N0} points of a run", scratch.New("points"), target ?? scratch.New("points-copy"), points, runs: 1);
        await CopyAsync($"{runs:N0} runs", scratch.New("runs"), target ?? scratch.New("runs-copy"), points: 0, runs);
        return 0;
    }

    private static async Task CopyAsync(string what, string source, string target, int points, int runs)
    {
        var runId = RunStore.Write(source, runs)[0];

        // A name of its own, so that one server can be measured again and again.
        var meta = Path.Combine(source, RunStore.ExperimentId, "meta.yaml");
        await File.WriteAllTextAsync(
            meta, (await File.ReadAllTextAsync(meta)).Replace("name: bench", $"name: bench-{Guid.NewGuid():N}", StringComparison.Ordinal));
        var metric = Path.Combine(source, RunStore.ExperimentId, runId, "metrics", "loss");
        Append(metric, 0, points);
        await MeasureAsync($"sync of {what}", source, target, points + (runs * 10L));
        await MeasureAsync($"sync of {what}, again", source, target, 0);
        Append(metric, points, 10);
        await MeasureAsync($"sync of {what}, ten points later", source, target, 10);
    }

    private static async Task MeasureAsync(string name, string source, string target, long expected)
    {
        using var tracker = new Tracker(target);
        GC.Collect();
        using var memory = new PrivateMemory();
        var start = Stopwatch.GetTimestamp();
        var report = await tracker.SyncFromAsync(source, new SyncOptions { IncludeRegisteredModels = false });
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (!report.IsComplete || report.Copied.MetricPoints != expected)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Of {expected} points: {report}"));
        }

        Console.WriteLine(Figure.Shown(name, seconds, "s", null));
        Console.WriteLine(Figure.Shown(name + ", private memory", memory.Megabytes, "MB", null));
    }

    private static void Append(string path, int from, int count)
    {
        using var file = new FileStream(path, FileMode.Append);
        Span<byte> line = stackalloc byte[128];
        for (var i = from; i < from + count; i++)
        {
            file.Write(line[..EndToEnd.Format(1_700_000_000_000 + i, EndToEnd.ValueAt(i), i, line)]);
        }
    }
}
