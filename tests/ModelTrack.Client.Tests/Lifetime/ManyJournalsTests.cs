using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Tests.Journal;
using TheJournal = ModelTrack.Client.Journal.Journal;

namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>A folder in which many processes have died, each with one point of the same run in its journal.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ManyJournalsTests : IDisposable
{
    private const int Journals = 150;

    private readonly ScratchFolder _scratch = new();

    private string Folder => _scratch["mlruns"];

    public void Dispose() => _scratch.Dispose();

    [Test]
    public async Task No_start_and_no_log_call_waits_until_the_journals_of_the_dead_are_taken_over()
    {
        var id = LeaveJournals(20);
        using var isTaken = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        var log = new TakeOverLog(() =>
        {
            isTaken.Set();
            mayGoOn.Wait();
        });
        using var tracker = Open(log);
        isTaken.Wait();
        var run = tracker.StartRun();
        run.LogMetric("loss", 1);
        Assert.That(log.Count, Is.EqualTo(1));
        mayGoOn.Set();
        await tracker.FlushAsync();
        Assert.That((await tracker.Runs.GetAsync(run.Id)).Metrics["loss"].Value, Is.EqualTo(1));
        Assert.That(await StoredRun.StepsAsync(tracker, id, "loss"), Has.Count.EqualTo(20));
    }

    [Test]
    public async Task They_are_taken_over_oldest_first_few_at_a_time_and_a_flush_waits_for_all()
    {
        var id = LeaveJournals(Journals);
        var most = 0;
        using var tracker = Open(new TakeOverLog(() => most = Math.Max(most, OpenFiles())));
        var report = await tracker.FlushAsync();

        Assert.That((report.Delivered, report.Pending), Is.EqualTo((Journals, 0)));
        var steps = await StoredRun.StepsAsync(tracker, id, "loss");
        Assert.That(steps.Order(), Is.EqualTo(Enumerable.Range(1, Journals)));

        // The system's clock for files ticks every few milliseconds, in which several were made; and of those that are open at once any may be first.
        var displaced = steps.Select((step, place) => Math.Abs(step - place)).Order().ToList();
        Assert.That(displaced[Journals * 9 / 10], Is.LessThan(Journals / 4));
        Assert.That(most, Is.InRange(OperatingSystem.IsLinux() ? 1 : 0, 60), "handles: the own journal's, and a lock and a segment of each that is open");
        Assert.That(StoredRun.Journals(Folder), Has.Length.LessThan(4));
    }

    [Test]
    public async Task Half_a_dozen_processes_that_start_at_once_take_each_over_once()
    {
        var id = LeaveJournals(Journals);
        var children = Enumerable.Range(0, 6).Select(_ => ChildProcess.Start("adopt", Folder, $"{1 << 16}", "-")).ToList();
        try
        {
            children.ForEach(child => child.WaitFor("done"));
        }
        finally
        {
            children.ForEach(child => child.Dispose());
        }

        using var reader = StoredRun.Open(Folder);
        await reader.FlushAsync();
        Assert.That((await StoredRun.StepsAsync(reader, id, "loss")).Order(), Is.EqualTo(Enumerable.Range(1, Journals)));
    }

    private Tracker Open(ILogger log) => new(new TrackerOptions
    {
        TrackingUri = Folder,
        CaptureContext = false,
        LoggerFactory = new ListLoggerFactory(log),
        JournalSegmentSize = JournalKit.SmallSegment,
    });

    private string LeaveJournals(int count)
    {
        using var tracker = StoredRun.Open(Folder);
        using var run = tracker.StartRun();
        for (var step = 1; step <= count; step++)
        {
            using var journal = TheJournal.Create(
                new JournalPlace(Folder, InsideStore: true),
                Folder,
                new JournalOptions { SegmentSize = JournalKit.SmallSegment },
                TimeProvider.System,
                NullLogger.Instance);
            JournalKit.Log(journal, journal.OpenRun(new RunDefinition { RunId = run.Id, Session = $"{step}", ExperimentId = "0" }), step);
        }

        return run.Id;
    }

    private int OpenFiles() => OperatingSystem.IsLinux()
        ? new DirectoryInfo("/proc/self/fd").EnumerateFiles().Count(file => file.LinkTarget?.StartsWith(Folder + "/.modeltrack-", StringComparison.Ordinal) == true)
        : 0;

    /// <summary>Does something on the dispatcher's thread when a journal has been taken over.</summary>
    private sealed class TakeOverLog(Action taken) : ILogger
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).StartsWith("Took over", StringComparison.Ordinal))
            {
                Count++;
                taken();
            }
        }
    }
}
