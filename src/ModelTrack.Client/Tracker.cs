using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Backends.Memory;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <summary>
/// An open connection to one tracking URI: starts runs, carries what is logged to them into the store, and reads the store.
/// Safe for use from several threads; one for a program is enough.
/// </summary>
/// <example>
/// <code>
/// using var tracker = new Tracker();
/// using var run = tracker.StartRun("fast-tree", experiment: "breast-cancer");
/// run.LogParam("trees", 100).LogMetric("auc", 0.98);
/// </code>
/// </example>
public sealed partial class Tracker : IDisposable, IAsyncDisposable
{
    private readonly TrackerCore _core;
    private readonly Lazy<RegistryClient> _registry;
    private readonly Lazy<ModelClient> _models;
    private readonly Lazy<SyncStore> _store;
    private readonly bool _records;
    private readonly nint _flightMark = ExceptionFlight.Mark();

    /// <summary>
    /// Opens the store that the environment names: <c>MLFLOW_TRACKING_URI</c>, else the folder <c>MLFLOW_TRACKING_DIR</c>, else
    /// <c>./mlruns</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The variable's value is no tracking URI.</exception>
    /// <exception cref="NotSupportedException">It names a database; the message says how to put a server before it.</exception>
    /// <exception cref="ModelTrackException">The folder has something in it, but nothing that belongs to a folder of runs; or is a file.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public Tracker()
        : this(new TrackerOptions())
    {
    }

    /// <summary>Opens a store.</summary>
    /// <param name="trackingUri">
    /// A server (<c>http://mlflow:5000</c>, <c>https://…</c>, <c>databricks</c>, <c>azureml://…</c>) or a folder (<c>./mlruns</c>,
    /// <c>/data/mlruns</c>, <c>file:///data/mlruns</c>). Nothing is sent to a server yet.
    /// </param>
    /// <exception cref="ArgumentException">It is no tracking URI.</exception>
    /// <exception cref="NotSupportedException">It names a database; the message says how to put a server before it.</exception>
    /// <exception cref="ModelTrackException">The folder has something in it, but nothing that belongs to a folder of runs; or is a file.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public Tracker(string trackingUri)
        : this(new TrackerOptions { TrackingUri = trackingUri ?? throw new ArgumentNullException(nameof(trackingUri)) })
    {
    }

    /// <summary>Opens a store.</summary>
    /// <param name="options">Where and how. Read once.</param>
    /// <exception cref="ArgumentException">An option's value is out of its range, or the tracking URI is none.</exception>
    /// <exception cref="NotSupportedException">The tracking URI names a database; the message says how to put a server before it.</exception>
    /// <exception cref="ModelTrackException">The folder has something in it, but nothing that belongs to a folder of runs; or is a file.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public Tracker(TrackerOptions options)
        : this(options, TrackingEnvironment.Process)
    {
    }

    /// <param name="options">Where and how.</param>
    /// <param name="environment">The variables.</param>
    /// <param name="open">Opens the store; null: the one that the tracking URI names.</param>
    internal Tracker(TrackerOptions options, TrackingEnvironment environment, Func<TimeProvider, ITrackingBackend>? open = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Checked();
        var uri = options.TrackingUri is { } given
            ? ModelTrack.Client.TrackingUri.Parse(given)
            : ModelTrack.Client.TrackingUri.FromEnvironment(environment);
        var logger = options.CreateLogger();
        var backend = open?.Invoke(options.TimeProvider) ?? uri.Kind switch
        {
            TrackingUriKind.Files => new FileBackend(uri.Folder!, uri.Addressing, options.TimeProvider, logger),
            TrackingUriKind.Memory => (ITrackingBackend)new MemoryBackend(options.TimeProvider),
            _ => RestBackend.Open(uri, options, environment, logger),
        };
        var place = uri.Kind == TrackingUriKind.Memory && !backend.IsRemote
            ? null
            : JournalPlace.Choose(options.JournalDirectory, environment.JournalDirectory, uri.Folder);
        TrackingUri = uri.Destination;
        _records = true;
        _registry = new Lazy<RegistryClient>(() => RegistryOpening.Open(uri, backend, options, environment));
        _core = new TrackerCore(backend, place, options, environment, () => _registry.Value);
        Runs = new RunClient(backend, options.MaxParallelTransfers);
        Experiments = new ExperimentClient(backend);
        _models = new Lazy<ModelClient>(() => ModelOpening.Open(uri, backend, options, environment, () => Registry));
        _store = new Lazy<SyncStore>(() => new SyncStore(
            backend,
            RegistryOpening.LoggedModelsOf(uri, backend, options),
            Models,
            () => Registry,
            () => RegistryOpening.UriOf(uri, options, environment).Destination));
    }

    private Tracker(TrackerCore core)
    {
        _core = core;
        TrackingUri = "disabled:";
        Runs = new RunClient(core.Backend);
        Experiments = new ExperimentClient(core.Backend);
        _registry = new Lazy<RegistryClient>(() => RegistryOpening.InMemory(core.Backend, core.Options));
        _models = new Lazy<ModelClient>(() => ModelOpening.Open(
            null, core.Backend, core.Options, new TrackingEnvironment(_ => null), () => Registry));
        _store = new Lazy<SyncStore>(() => throw new InvalidOperationException("A disabled tracker has no store."));
    }

    /// <summary>
    /// A tracker that records nothing and finds nothing: for programs that must run without tracking. Its runs take every call and have no
    /// id. Shared; disposing it does nothing. (Experiments that are made by hand through <see cref="Experiments"/> are kept in memory.)
    /// </summary>
    public static Tracker Disabled { get; } = new(new TrackerCore(
        new MemoryBackend(TimeProvider.System), null, new TrackerOptions(), new TrackingEnvironment(_ => null), () => Disabled!.Registry));

    /// <summary>Where it records: a server's address, a folder's full path, or <c>memory:</c>. Never holds a password.</summary>
    public string TrackingUri { get; }

    /// <summary>The journals where this tracker keeps its own: what waits for a store, and what stores refused.</summary>
    public JournalClient Journals => _core.Journals;

    /// <summary>Runs as stored.</summary>
    public RunClient Runs { get; }

    /// <summary>Experiments as stored.</summary>
    public ExperimentClient Experiments { get; }

    /// <summary>
    /// Registered models and their versions: those of <see cref="TrackerOptions.RegistryUri"/>, else of <c>MLFLOW_REGISTRY_URI</c>, else of
    /// the store that it records into. Opened when it is first asked for.
    /// </summary>
    /// <exception cref="ArgumentException">The registry's URI is none.</exception>
    /// <exception cref="NotSupportedException">It names a database, or a service that is not spoken to.</exception>
    /// <exception cref="ModelTrackException">It names a folder of something else than runs and models.</exception>
    public RegistryClient Registry => _registry.Value;

    /// <summary>Models by their URIs: found, and brought to the local disk by way of a cache.</summary>
    public ModelClient Models => _models.Value;

    /// <summary>Opens a store in memory that goes with the tracker: for unit tests of code that logs.</summary>
    /// <param name="timeProvider">The clock. Default: the system's.</param>
    /// <returns>The tracker.</returns>
    public static Tracker InMemory(TimeProvider? timeProvider = null) => new(
        new TrackerOptions { TrackingUri = "memory:", TimeProvider = timeProvider ?? TimeProvider.System, CaptureContext = false },
        new TrackingEnvironment(_ => null));

    /// <summary>
    /// Starts a run; or goes on with one: that of <paramref name="runId"/>, else (once in a process) that of <c>MLFLOW_RUN_ID</c>, which
    /// <c>mlflow run</c> sets.
    /// </summary>
    /// <param name="name">The run's name. Default: one that is made up. A resumed run is renamed by it.</param>
    /// <param name="experiment">
    /// The experiment's name; created when it is new. Default: <see cref="TrackerOptions.ExperimentName"/>, <c>MLFLOW_EXPERIMENT_NAME</c>,
    /// the experiment of <c>MLFLOW_EXPERIMENT_ID</c>, <c>Default</c>. For a resumed run it must be the run's own.
    /// </param>
    /// <param name="tags">Tags to set.</param>
    /// <param name="description">The run's description, as Markdown.</param>
    /// <param name="runId">The run to go on with: its status becomes RUNNING again.</param>
    /// <returns>
    /// The live run. Dispose it to end it. Where the server is away (no answer within <see cref="TrackerOptions.StartTimeout"/>, or an answer
    /// that says so) the run starts all the same and gets its id later; see <see cref="ModelTrack.Client.Run.HasId"/>.
    /// </returns>
    /// <exception cref="ArgumentException">A name or tag breaks MLflow's rules.</exception>
    /// <exception cref="ModelTrackException">
    /// The run to resume does not exist or is deleted, or the experiment is deleted; or the server says no: it wants other credentials, say.
    /// </exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The store may not be written.</exception>
    public Run StartRun(
        string? name = null,
        string? experiment = null,
        IEnumerable<KeyValuePair<string, string>>? tags = null,
        string? description = null,
        string? runId = null)
        => Blocking.Wait(StartAsync(name, experiment, tags, description, runId, blocks: true, CancellationToken.None));

    /// <summary>As <see cref="StartRun"/>, without blocking the caller.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="experiment">The experiment's name.</param>
    /// <param name="tags">Tags to set.</param>
    /// <param name="description">The run's description, as Markdown.</param>
    /// <param name="runId">The run to go on with.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The live run.</returns>
    public Task<Run> StartRunAsync(
        string? name = null,
        string? experiment = null,
        IEnumerable<KeyValuePair<string, string>>? tags = null,
        string? description = null,
        string? runId = null,
        CancellationToken cancellationToken = default)
        => StartAsync(name, experiment, tags, description, runId, blocks: false, cancellationToken).AsTask();

    /// <summary>
    /// Waits until everything that was logged before the call is stored or refused, what dead processes left in their journals included
    /// (unless the store does not take that at present). After <see cref="Dispose"/> it waits for nothing: the report says what was left.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; what is not stored yet stays in the journal.</param>
    /// <returns>What became of all records of this tracker.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public Task<DeliveryReport> FlushAsync(CancellationToken cancellationToken = default) => _core.FlushAsync(cancellationToken);

    /// <summary>
    /// Ends runs that are still open (FAILED while an exception passes through, KILLED after a signal, else
    /// <see cref="TrackerOptions.StatusOfOpenRunsAtExit"/>), waits up to <see cref="TrackerOptions.ShutdownTimeout"/> for what is not stored
    /// yet, and closes. What is left stays in the journal, and the log says how much lies where.
    /// </summary>
    public void Dispose()
    {
        if (_records)
        {
            _core.EndOpenRuns(StatusOfOpenRuns());
            Close();
        }
    }

    /// <summary>As <see cref="Dispose"/>, without blocking the caller.</summary>
    /// <returns>When it is closed.</returns>
    public ValueTask DisposeAsync()
    {
        if (!_records || _core.IsClosed)
        {
            return ValueTask.CompletedTask;
        }

        _core.EndOpenRuns(StatusOfOpenRuns());
        return new ValueTask(Task.Run(Close));
    }

    private void Close()
    {
        _core.Close();
        if (_models.IsValueCreated)
        {
            _models.Value.Close();
        }

        if (_registry.IsValueCreated)
        {
            _registry.Value.Close();
        }
    }

    private RunStatus StatusOfOpenRuns()
    {
        if (ProcessWatch.SignalCame != 0)
        {
            return RunStatus.Killed;
        }

        return ExceptionFlight.Since(_flightMark) is not null ? RunStatus.Failed : _core.Options.StatusOfOpenRunsAtExit;
    }

    private ValueTask<Run> StartAsync(
        string? name,
        string? experiment,
        IEnumerable<KeyValuePair<string, string>>? tags,
        string? description,
        string? runId,
        bool blocks,
        CancellationToken cancellationToken)
        => _records
            ? _core.StartAsync(
                new RunRequest { Name = name, ExperimentName = experiment, Tags = tags, Description = description, RunId = runId, Blocks = blocks },
                cancellationToken)
            : ValueTask.FromResult(new Run(_core, null, null));
}
