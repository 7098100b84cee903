using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <summary>What a tracker is made of: backend, journal, dispatcher, and the runs that are open.</summary>
internal sealed class TrackerCore : IDisposable
{
    private static readonly TimeSpan AwayTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SignalTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly HashSet<Run> _open = [];
    private readonly JournalPlace? _place;
    private readonly RunStarter _starter;
    private Journal.Journal? _journal;
    private Dispatcher? _dispatcher;
    private ITimer? _flushToDisk;

    public TrackerCore(ITrackingBackend backend, JournalPlace? place, TrackerOptions options, TrackingEnvironment environment)
    {
        Backend = backend;
        Options = options;
        _place = place;
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("ModelTrack.Client");
        _starter = new RunStarter(this, environment);
        if (place is not null && JournalFiles.List(place).Count > 0)
        {
            // Somebody has left something, perhaps; a tracker that only reads must see it delivered all the same.
            TryStart();
        }
    }

    public ITrackingBackend Backend { get; }

    public TrackerOptions Options { get; }

    public ILogger Logger { get; }

    public TimeProvider Clock => Options.TimeProvider;

    public Journal.Journal Journal => _journal ?? throw new ObjectDisposedException(nameof(Tracker));

    public bool IsClosed { get; private set; }

    public ValueTask<Run> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(Tracker));
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<Run>(cancellationToken)
            : _starter.StartAsync(request, cancellationToken);
    }

    public ValueTask<Run> StartChildAsync(
        Run parent, string? name, IEnumerable<KeyValuePair<string, string>>? tags, string? description, CancellationToken cancellationToken) =>
        StartAsync(
            new RunRequest { Name = name, Tags = tags, Description = description, ParentRunId = parent.Id, ExperimentId = parent.ExperimentId },
            cancellationToken);

    /// <summary>Opens the journal and sets the dispatcher going, once.</summary>
    /// <exception cref="IOException">The journal cannot be made.</exception>
    public void EnsureStarted()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsClosed, typeof(Tracker));
            if (_dispatcher is not null)
            {
                return;
            }

            var journalOptions = new JournalOptions
            {
                SegmentSize = Options.JournalSegmentSize,
                ByteCap = Options.JournalByteCap,
                WhenFull = Options.WhenJournalFull,
                FullTimeout = Options.JournalFullTimeout,
            };
            _journal = ModelTrack.Client.Journal.Journal.Create(_place, Backend.Destination, journalOptions, Clock, Logger);
            _dispatcher = new Dispatcher(
                Backend,
                _journal,
                () => _place is null ? [] : DeadJournal.AdoptAll(_place, Backend.Destination, Logger),
                BatchLimits.Files,
                new RejectionLog(_place, Logger),
                Clock,
                Logger);
            _dispatcher.Start();
            if (Options.FlushToDiskInterval is { } interval)
            {
                _flushToDisk = Clock.CreateTimer(_ => FlushToDisk(), null, interval, interval);
            }

            ProcessWatch.Add(this);
        }
    }

    public Run Open(JournalRun journaled, RunSnapshot stored, bool isResumed)
    {
        Run run;
        lock (_gate)
        {
            var other = isResumed ? _open.FirstOrDefault(open => open.Id == stored.Id) : null;
            run = new Run(this, journaled, stored, other?.Keys);
            _open.Add(run);
        }

        lock (Journal.Log.Gate)
        {
            run.Keys.Learn(stored);
        }

        return run;
    }

    public void Forget(Run run)
    {
        lock (_gate)
        {
            _open.Remove(run);
        }
    }

    /// <summary>Waits for the records of one run.</summary>
    public async Task FlushAsync(JournalRun run, CancellationToken cancellationToken)
    {
        if (!IsClosed)
        {
            await _dispatcher!.FlushAsync(run, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<DeliveryReport> FlushAsync(CancellationToken cancellationToken)
    {
        if (_dispatcher is not { } dispatcher)
        {
            return new DeliveryReport();
        }

        if (!IsClosed)
        {
            await dispatcher.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return dispatcher.Report();
    }

    public void NotEnded(Run run, Exception reason) => Logger.LogError(
        new EventId(5, "EndNotRecorded"), reason, "The end of run {RunId} could not be recorded; it stays RUNNING", run.Id);

    public void EndOpenRuns(RunStatus status)
    {
        foreach (var run in OpenRuns())
        {
            run.EndQuietly(status, null);
        }

        if (_dispatcher is not null && !IsClosed && OpenRuns() is { Length: > 0 } left)
        {
            // The disk was full. What is delivered makes room.
            Blocking.TryWait(FlushAsync, AwayTimeout, Clock);
            foreach (var run in left)
            {
                run.EndQuietly(status, null);
            }
        }
    }

    public void FailOpenRuns(Exception exception)
    {
        foreach (var run in OpenRuns())
        {
            run.EndQuietly(RunStatus.Failed, exception);
        }
    }

    /// <summary>
    /// The journal remembers the signal. And because the process ends as a rule before anything else can be done, the runs are said to be
    /// killed at once; if the process goes on they are said to run again, and end as they end.
    /// </summary>
    public void OnSignal(int number, bool isCancelled)
    {
        if (IsClosed || _journal is null)
        {
            return;
        }

        _journal.AppendSignal(number);
        var open = OpenRuns();
        if (isCancelled || open.Length == 0)
        {
            return;
        }

        Blocking.TryWait(
            async cancellationToken =>
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                foreach (var run in open)
                {
                    run.SayKilled(cancellationToken);
                }
            },
            SignalTimeout,
            TimeProvider.System);
        _ = SayRunningAgainAsync(open);
    }

    /// <summary>Waits at most the time for what is not stored, and closes. What is left stays in the journal.</summary>
    public void Close(TimeSpan limit)
    {
        lock (_gate)
        {
            if (IsClosed)
            {
                return;
            }

            if (_dispatcher is null)
            {
                IsClosed = true;
                Backend.Dispose();
                return;
            }
        }

        ProcessWatch.Remove(this);
        var dispatcher = _dispatcher;
        Blocking.TryWait(dispatcher.FlushAsync, dispatcher.IsStoreAway && limit > AwayTimeout ? AwayTimeout : limit, Clock);
        lock (_gate)
        {
            if (IsClosed)
            {
                return;
            }

            IsClosed = true;
        }

        _flushToDisk?.Dispose();
        if (!Blocking.TryWait(cancellationToken => dispatcher.StopAsync().WaitAsync(cancellationToken), StopTimeout, TimeProvider.System))
        {
            // A call of the backend hangs in the system. What it works on stays open, and goes with the process.
            Logger.LogError("The store at {Destination} does not answer; the journal stays as it is", Backend.Destination);
            return;
        }

        var report = dispatcher.Report();
        if (report.Pending > 0)
        {
            Logger.LogWarning(
                new EventId(4, "LeftInJournal"),
                "{Count} records are not stored yet. They are safe in the journal at {Location}; the next tracker for {Destination} on this machine delivers them",
                report.Pending, _journal!.Log.Files?.Location ?? "memory, which goes with the process", Backend.Destination);
        }

        dispatcher.Dispose();
        _journal!.Dispose();
        Backend.Dispose();
    }

    public void Dispose() => Close(Options.ShutdownTimeout);

    private void TryStart()
    {
        try
        {
            EnsureStarted();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Logger.LogWarning(e, "Journals that other processes left at {Place} cannot be taken over", _place!.Folder);
        }
    }

    private async Task SayRunningAgainAsync(Run[] runs)
    {
        try
        {
            await Task.Delay(SignalTimeout, TimeProvider.System).ConfigureAwait(false);
            foreach (var run in runs)
            {
                run.SayRunning();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Logger.LogWarning(e, "Runs that a signal did not end could not be said to be running");
        }
    }

    private void FlushToDisk()
    {
        try
        {
            _journal?.Log.FlushToDisk();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            Logger.LogWarning(e, "The journal could not be flushed to the disk");
        }
    }

    private Run[] OpenRuns()
    {
        lock (_gate)
        {
            return [.. _open];
        }
    }
}
