using System.Diagnostics;
using System.Globalization;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>How cost grows with the number of metric keys, of open runs, of points, of runs that are searched: each ten times the one before.</summary>
internal static class Growth
{
    private const int CallsPerFigure = 1_000_000;
    private const int MaxRuns = 100_000;

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    /// <summary>Of searches and histories a call is a run or a point, and the milliseconds are those of all.</summary>
    /// <param name="part">Only the tables whose name contains it; empty: all.</param>
    /// <param name="maxPoints">Up to how many points.</param>
    public static async Task<int> RunAsync(string part, int maxPoints)
    {
        foreach (var (name, measure) in Tables(maxPoints).Where(table => table.Name.Contains(part, StringComparison.Ordinal)))
        {
            Console.WriteLine($"{name,-28} {"ns/call",10} {"points/s",12} {"longest or all ms",16} {"private memory MB",18}");
            await measure();
        }

        return 0;
    }

    private static IEnumerable<(string Name, Func<Task> Measure)> Tables(int maxPoints)
    {
        yield return ("warm up", () => LogAsync("", runs: 1, keys: 10, CallsPerFigure));
        yield return ("keys, folder", () => EachAsync(1, 10_000, keys => LogAsync($"{keys:N0} keys", runs: 1, keys, CallsPerFigure)));
        yield return ("open runs, folder", () => EachAsync(1, 1000, runs => LogAsync($"{runs:N0} runs", runs, keys: 1, CallsPerFigure)));
        yield return ("open runs, server of {}", () => EachAsync(1, 1000, async runs =>
        {
            await using var server = await ServerProcess.StartAsync();
            await LogAsync($"{runs:N0} runs", runs, keys: 1, CallsPerFigure, server.Address);
        }));
        yield return ("points, folder", () => EachAsync(10_000, maxPoints, points => LogAsync($"{points:N0} points", runs: 1, keys: 4, points)));
        yield return ("runs searched", () => EachAsync(100, MaxRuns, SearchAsync));
        yield return ("points of a history", () => EachAsync(10_000, maxPoints, HistoryAsync));
    }

    private static async Task EachAsync(int from, int to, Func<int, Task> measure)
    {
        for (long n = from; n <= to; n *= 10)
        {
            await measure((int)n);
        }
    }

    private static async Task LogAsync(string name, int runs, int keys, int points, string? server = null)
    {
        using var scratch = new ScratchFolder();
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = server ?? scratch.New("mlruns"), JournalDirectory = scratch.New("journals") });
        var open = Enumerable.Range(0, runs).Select(i => tracker.StartRun($"run {i}", experiment: "growth")).ToArray();
        string[] names = [.. Enumerable.Range(0, keys).Select(i => $"metric{i}")];
        using var memory = new PrivateMemory();
        var (start, longest) = (Stopwatch.GetTimestamp(), 0L);
        var before = start;
        for (var i = 0; i < points; i++)
        {
            open[i % runs].LogMetric(names[i % keys], EndToEnd.ValueAt(i), i);
            var now = Stopwatch.GetTimestamp();
            longest = Math.Max(longest, now - before);
            before = now;
        }

        var call = Stopwatch.GetElapsedTime(start).TotalNanoseconds / points;
        var report = await tracker.FlushAsync();
        var rate = points / Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (report is not { Pending: 0, Rejected: 0 })
        {
            throw new InvalidOperationException($"{name}: {report}");
        }

        Print(name, call, rate, longest * 1e3 / Stopwatch.Frequency, memory.Megabytes);
        Array.ForEach(open, run => run.Dispose());
    }

    private static async Task SearchAsync(int runs)
    {
        using var scratch = ScratchFolder.ForManyFiles();
        RunStore.Write(scratch.New("mlruns"), runs, keys: 2);

        // What was changed a moment ago is not kept for the second search.
        await Task.Delay(Settled);
        GC.Collect();
        using var tracker = new Tracker(scratch.New("mlruns"));
        using var memory = new PrivateMemory();
        var start = Stopwatch.GetTimestamp();
        await Search.FindAllAsync(tracker, runs);
        var first = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        start = Stopwatch.GetTimestamp();
        await Search.FindAllAsync(tracker, runs);
        Print($"{runs:N0} runs", first / runs, runs * 1e9 / first, first / 1e6, memory.Megabytes);
        Print("  again", Stopwatch.GetElapsedTime(start).TotalNanoseconds / runs, runs / Stopwatch.GetElapsedTime(start).TotalSeconds, Stopwatch.GetElapsedTime(start).TotalMilliseconds, memory.Megabytes);
    }

    private static async Task HistoryAsync(int points)
    {
        using var scratch = new ScratchFolder();
        var runId = RunStore.Write(scratch.New("mlruns"), runs: 1).Single();
        History.WritePoints(Path.Combine(scratch.New("mlruns"), RunStore.ExperimentId, runId, "metrics", "loss"), points);
        using var tracker = new Tracker(scratch.New("mlruns"));
        using var memory = new PrivateMemory();
        var (start, count) = (Stopwatch.GetTimestamp(), 0);
        await foreach (var point in tracker.Runs.GetMetricHistoryAsync(runId, "loss"))
        {
            count += point.Value > 0 ? 1 : 0;
        }

        var time = Stopwatch.GetElapsedTime(start);
        Print(string.Create(CultureInfo.InvariantCulture, $"{count:N0} points"), time.TotalNanoseconds / points, points / time.TotalSeconds, time.TotalMilliseconds, memory.Megabytes);
    }

    private static void Print(string name, double nanoseconds, double perSecond, double milliseconds, double megabytes)
        => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28} {nanoseconds,10:N0} {perSecond,12:N0} {milliseconds,16:N1} {megabytes,18:N1}"));
}
