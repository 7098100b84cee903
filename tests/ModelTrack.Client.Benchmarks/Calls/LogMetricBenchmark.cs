using BenchmarkDotNet.Attributes;

namespace ModelTrack.Client.Benchmarks.Calls;

/// <summary>
/// A metric's way into the journal, beside a write into a bounded channel that somebody reads. A million calls make one iteration, and
/// a flush follows it outside the measured time: the journal never gets near its cap, so that nothing measured waits for the dispatcher,
/// which works beside as it does in life.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(invocationCount: 1, warmupCount: 5, iterationCount: 15)]
public class LogMetricBenchmark
{
    internal const int Calls = 1_000_000;

    private TrackedRun _tracked = null!;
    private ChannelQueue _queue = null!;

    [GlobalSetup]
    public void Setup()
    {
        _tracked = new TrackedRun();
        _queue = new ChannelQueue();
    }

    [IterationCleanup]
    public void Flush()
    {
        _tracked.Flush();
        _queue.Flush();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _tracked.Dispose();
        _queue.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls, Description = "Channel<T>, bounded, with a reader")]
    public void Channel() => _queue.Write(Calls);

    [Benchmark(OperationsPerInvoke = Calls)]
    public void LogMetric() => Write(_tracked.Run, Calls);

    [Benchmark(OperationsPerInvoke = Calls, Description = "LogMetric, 10 keys in turn")]
    public void LogMetricOfTenKeys()
    {
        var run = _tracked.Run;
        for (var i = 0; i < Calls; i++)
        {
            run.LogMetric(Keys[i % Keys.Length], i * 0.37, i);
        }
    }

    internal static void Write(Run run, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            run.LogMetric("loss", i * 0.37, i);
        }
    }

    private static readonly string[] Keys = [.. Enumerable.Range(0, 10).Select(i => $"metric{i}")];
}
