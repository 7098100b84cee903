using System.Globalization;
using System.IO.MemoryMappedFiles;
using static ModelTrack.Client.Tests.Child.Program;

namespace ModelTrack.Client.Tests.Child;

/// <summary>Programs that are killed at random moments, and count what they have been promised.</summary>
internal static class Crashes
{
    public const int Threads = 4;
    private const int PairsEvery = 2_000;
    private const int ArtifactsEvery = 20_000;

    public static readonly Dictionary<string, Func<string[], int>> All = new()
    {
        ["log"] = a => Log(a[0], a[1], Number(a[2]), a[3] == "-" ? null : a[3]),
        ["adopt"] = a => Adopt(a[0], Number(a[1]), a[2] == "-" ? null : a[2]),
        ["log-some"] = a => LogSome(a[0], a[1] == "-" ? null : a[1], a[2], Number(a[3])),
    };

    /// <summary>Four threads log as fast as they can, until they are killed. Each counts in its own mapped file after each call that returned.</summary>
    private static int Log(string folder, string counters, int segmentSize, string? journals)
    {
        var tracker = Open(folder, options => Set(options, segmentSize, journals));
        var run = Start(tracker);
        var threads = Enumerable.Range(0, Threads).Select(k => new Thread(() => LogForEver(run, k, counters))).ToList();
        threads.ForEach(thread => thread.Start());
        Say("ready");
        threads.ForEach(thread => thread.Join());
        return 0;
    }

    private static void LogForEver(Run run, int thread, string counters)
    {
        var path = Path.Combine(counters, $"{thread}");
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, 5 * sizeof(long));
        using var counter = file.CreateViewAccessor();
        var key = $"thread-{thread}/index";
        for (long i = 1; ; i++)
        {
            run.LogMetric(key, i / 4.0, i);
            counter.Write(0, i);
            if (i % PairsEvery == 0)
            {
                var n = i / PairsEvery;
                run.LogParam($"param-{thread}.{n}", n);
                counter.Write(8, n);
                run.SetTag($"tag-{thread}.{n}", n);
                counter.Write(16, n);
            }

            if (i % ArtifactsEvery == 0)
            {
                var n = i / ArtifactsEvery;
                run.LogText($"texts/{thread}/{n}.txt", $"text {n} of {thread}");
                counter.Write(24, n);
                run.LogInput(DatasetInput.FromSource($"data/{n}.csv", $"data-{thread}", $"{n}"), $"context {n}");
                counter.Write(32, n);
            }
        }
    }

    private static int Adopt(string folder, int segmentSize, string? journals)
    {
        var tracker = Open(folder, options => Set(options, segmentSize, journals));
        Say("ready");
        tracker.FlushAsync().GetAwaiter().GetResult();
        Say("done");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Logs a number of points, to a run that may be another's, and ends well.</summary>
    private static int LogSome(string folder, string? runId, string key, int count)
    {
        using var tracker = Open(folder);
        using var run = runId is null ? Start(tracker) : tracker.StartRun(runId: runId);
        Say("ready");
        Console.In.ReadLine();
        for (var i = 1; i <= count; i++)
        {
            run.LogMetric(key, i, i);
            if (i % 1000 == 0)
            {
                // So that batches of both processes come in turns.
                tracker.FlushAsync().GetAwaiter().GetResult();
            }
        }

        return 0;
    }

    private static void Set(TrackerOptions options, int segmentSize, string? journals)
    {
        options.JournalSegmentSize = segmentSize;
        options.JournalDirectory = journals;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
