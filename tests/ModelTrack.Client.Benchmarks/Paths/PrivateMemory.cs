using System.Diagnostics;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>By how much the process's private memory grew at most, looked at every ten milliseconds.</summary>
internal sealed class PrivateMemory : IDisposable
{
    private readonly long _before = Now();
    private readonly Timer _timer;
    private long _most;

    public PrivateMemory() => _timer = new Timer(_ => _most = Math.Max(_most, Now()), null, 0, 10);

    public double Megabytes => Math.Max(0, Math.Max(_most, Now()) - _before) / 1e6;

    public void Dispose() => _timer.Dispose();

    private static long Now()
    {
        using var process = Process.GetCurrentProcess();
        return process.PrivateMemorySize64;
    }
}
