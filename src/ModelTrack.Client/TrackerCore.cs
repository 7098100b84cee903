using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;
using ModelTrack.Client.Telemetry;

namespace ModelTrack.Client;

/// <summary>What a tracker is made of: backend, journal, dispatcher, and the runs that are open.</summary>
internal sealed partial class TrackerCore : IDisposable
{
    private readonly object _gate = new();
    private readonly HashSet<Run> _open = [];
    private readonly JournalPlace? _place;
    private readonly RunStarter _starter;
    private Journal.Journal? _journal;
    private Dispatcher? _dispatcher;
    private readonly SystemMetricsSettings? _systemMetrics;
    private ITimer? _flushToDisk;

    public TrackerCore(
        ITrackingBackend backend, JournalPlace? place, TrackerOptions options, TrackingEnvironment environment, Func<RegistryClient> registry)
    {
        Backend = backend;
        Experiments = new ExperimentResolver(backend);
        Options = options;
        _place = place;
        Logger = options.CreateLogger();
        _systemMetrics = SystemMetricsSettings.From(options, environment);
        Journals = new JournalClient(this, place);
        Models = new ModelPublisher(backend, registry, Logger);
        _starter = new RunStarter(this, environment);
        if (place is not null && JournalFiles.Any(place))
        {
            // Somebody has left something, perhaps; a tracker that only reads must see it delivered all the same.
            TryStart();
        }
    }

    public ITrackingBackend Backend { get; }

    public ExperimentResolver Experiments { get; }

    public ModelPublisher Models { get; }

    public bool IsOwnJournal(string id) => _journal?.Log.Files?.Id == id;

    public JournalClient Journals { get; }

    /// <summary>Carries records to the store; there is one once a run was started.</summary>
    public Dispatcher Dispatcher => _dispatcher ?? throw new ObjectDisposedException(nameof(Tracker));

    public TrackerOptions Options { get; }

    public ILogger Logger { get; }

    public TimeProvider Clock => Options.TimeProvider;

    public Journal.Journal Journal => _journal ?? throw new ObjectDisposedException(nameof(Tracker));

    public bool IsClosed { get; private set; }

    /// <summary>The program is being stopped from outside: by a signal, or because its host stops.</summary>
    public bool IsStopping => ProcessWatch.SignalCame != 0 || Options.HostStopping.IsCancellationRequested;

    public ValueTask<Run> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(Tracker));
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<Run>(cancellationToken)
            : _starter.StartAsync(request, cancellationToken);
    }

    public ValueTask<Run> StartChildAsync(
        Run parent,
        string? name,
        IEnumerable<KeyValuePair<string, string>>? tags,
        string? description,
        bool blocks,
        CancellationToken cancellationToken)
    {
        var definition = parent.Definition!;
        return StartAsync(
            new RunRequest
            {
                Name = name,
                Tags = tags,
                Description = description,
                ParentRunId = definition.RunId,
                ParentKey = definition.RunId is null ? definition.Key : null,
                ExperimentId = definition.ExperimentId ?? definition.Plan?.ExperimentId,
                ExperimentName = definition.ExperimentId is null ? definition.Plan?.ExperimentName : null,
                Blocks = blocks,
            },
            cancellationToken);
    }

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
                ArtifactByteCap = Options.ArtifactByteCap,
                WhenFull = Options.WhenJournalFull,
                FullTimeout = Options.JournalFullTimeout,
            };
            _journal = ModelTrack.Client.Journal.Journal.Create(_place, Backend.Destination, journalOptions, Clock, Logger);
            _dispatcher = new Dispatcher(
                Backend,
                _journal,
                () => _place is null ? [] : DeadJournal.AdoptAll(_place, Backend.Destination, _journal.Log.Files, Logger),
                Experiments,
                new RejectionLog(_place, Logger),
                Models,
                Clock,
                Logger);
            _dispatcher.Start();
            if (Options.FlushToDiskInterval is { } interval)
            {
                _flushToDisk = Clock.CreateTimer(_ => FlushToDisk(), null, interval, interval);
            }

            ProcessWatch.Add(this);
            ClientMeter.Add(this);
        }
    }

    /// <param name="journaled">The run in the journal.</param>
    /// <param name="stored">The run as it is in the store; null while it is not known.</param>
    /// <param name="isResumed">It was there before.</param>
    public Run Open(JournalRun journaled, RunSnapshot? stored, bool isResumed)
    {
        Run run;
        lock (_gate)
        {
            var other = isResumed ? _open.FirstOrDefault(open => open.Definition?.RunId == journaled.Definition.RunId) : null;
            run = new Run(this, journaled, stored, isResumed, other?.Keys);
            _open.Add(run);
        }

        if (stored is not null)
        {
            lock (Journal.Log.Gate)
            {
                run.Keys.Learn(stored);
            }
        }

        if (_systemMetrics is { } settings)
        {
            var known = stored?.Metrics.Where(metric => metric.Key.StartsWith(settings.Prefix, StringComparison.Ordinal)).Select(metric => metric.Value.Step);
            run.Monitor = new SystemMetricsMonitor(run, settings, known?.Append(-1).Max() + 1 ?? 0, Clock, Logger);
        }

        return run;
    }

    public void Forget(Run run)
    {
        run.Monitor?.Dispose();
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

    /// <summary>What became of all records so far.</summary>
    public DeliveryReport Report() => _dispatcher?.Report() ?? new DeliveryReport();

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
}
