using BenchmarkDotNet.Attributes;

namespace ModelTrack.Client.Benchmarks.Calls;

/// <summary>
/// Params and tags. A param can be logged once, so each iteration logs new keys to a new run; a tag may be set again and again.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(invocationCount: 1, warmupCount: 3, iterationCount: 10)]
public class LogPairBenchmark
{
    private const int Params = 4_000;
    private const int Tags = 100_000;

    private readonly string[] _keys = [.. Enumerable.Range(0, Params).Select(i => $"param{i}")];
    private TrackedRun _tracked = null!;

    [GlobalSetup]
    public void Setup() => _tracked = new TrackedRun();

    [IterationCleanup]
    public void Flush()
    {
        _tracked.Flush();
        _tracked.StartAnother();
    }

    [GlobalCleanup]
    public void Cleanup() => _tracked.Dispose();

    [Benchmark(OperationsPerInvoke = Params)]
    public void LogParam()
    {
        var run = _tracked.Run;
        foreach (var key in _keys)
        {
            run.LogParam(key, 0.01);
        }
    }

    [Benchmark(OperationsPerInvoke = Tags)]
    public void SetTag()
    {
        var run = _tracked.Run;
        for (var i = 0; i < Tags; i++)
        {
            run.SetTag("stage", "training");
        }
    }
}
