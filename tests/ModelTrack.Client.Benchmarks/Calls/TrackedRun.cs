namespace ModelTrack.Client.Benchmarks.Calls;

/// <summary>A tracker over a temporary folder, with the options that users have by default, and a run in it.</summary>
internal sealed class TrackedRun : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public TrackedRun()
    {
        Tracker = new Tracker(_scratch.New("mlruns"));
        Run = Tracker.StartRun();
    }

    public Tracker Tracker { get; }

    public Run Run { get; private set; }

    public void Flush()
    {
        var report = Tracker.FlushAsync().GetAwaiter().GetResult();
        if (report.Rejected > 0 || report.Pending > 0)
        {
            throw new InvalidOperationException($"Not everything was stored: {report}");
        }
    }

    public void StartAnother()
    {
        Run.Dispose();
        Run = Tracker.StartRun();
    }

    public void Dispose()
    {
        Run.Dispose();
        Tracker.Dispose();
        _scratch.Dispose();
    }
}
