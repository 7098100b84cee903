using System.Diagnostics;
using ModelTrack.Client.Benchmarks.Calls;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>What a LogMetric call costs its caller, on one thread and with eight threads on one run.</summary>
internal static class LogCalls
{
    private const int Calls = 1_000_000;
    private const int Rounds = 3;
    private const int Threads = 8;

    public static IEnumerable<Figure> Measure()
    {
        using var tracked = new TrackedRun();
        using var queue = new ChannelQueue();
        var (alone, bytes, shared, channel) = (new Samples(), new Samples(), new Samples(), new Samples());
        for (var round = -2; round < Rounds; round++)
        {
            // The first rounds warm up; the order is always the same, so that each has the same neighbours.
            var isWarm = round >= 0;
            (isWarm ? channel : new Samples()).Time(() => queue.Write(Calls));
            queue.Flush();

            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            LogMetricBenchmark.Write(tracked.Run, Calls);
            var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            tracked.Flush();
            if (isWarm)
            {
                alone.Add(time);
                bytes.Add(allocated);
            }

            (isWarm ? shared : new Samples()).Time(() => WriteFromAll(tracked.Run));
            tracked.Flush();
        }

        var nanoseconds = alone.Median * 1e6 / Calls;
        yield return Figure.AtMost("LogMetric, one thread", nanoseconds, "ns/call", 200, channel.Median * 1e6 / Calls, ratio: 1.5);
        yield return Figure.AtMost("LogMetric, one thread, allocated", bytes.Median / Calls, "B/call", 0.01, null);
        yield return Figure.AtMost("LogMetric, 8 threads on one run", shared.Median * 1e6 / Calls, "ns/call", 2 * nanoseconds, nanoseconds);
    }

    private static void WriteFromAll(Run run)
    {
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() => LogMetricBenchmark.Write(run, Calls / Threads))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }
}
