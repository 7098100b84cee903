using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <summary>How a <see cref="Tracker"/> works. Read once when the tracker is made; later changes have no effect.</summary>
public sealed partial class TrackerOptions
{
    /// <summary>
    /// Where runs are recorded: a folder (<c>./mlruns</c>, an absolute path, <c>file:///…</c>), a server (<c>https://…</c>,
    /// <c>databricks</c>, <c>databricks://profile</c>, <c>azureml://…</c>), or <c>memory:</c>.
    /// </summary>
    /// <value>Default: <c>MLFLOW_TRACKING_URI</c>, else <c>MLFLOW_TRACKING_DIR</c>, else the folder <c>./mlruns</c>.</value>
    public string? TrackingUri { get; set; }

    /// <summary>Where registered models are kept, if not where runs are recorded: a server's URL, a folder, or <c>memory:</c>.</summary>
    /// <value>Default: <c>MLFLOW_REGISTRY_URI</c>, else the tracking URI.</value>
    public string? RegistryUri { get; set; }

    /// <summary>The name of the experiment for runs that name none.</summary>
    /// <value>Default: <c>MLFLOW_EXPERIMENT_NAME</c>, else the experiment of <c>MLFLOW_EXPERIMENT_ID</c>, else <c>Default</c>.</value>
    public string? ExperimentName { get; set; }

    /// <summary>The folder for journals, in which each tracker makes its own. Mount it in a container whose disk goes with it.</summary>
    /// <value>
    /// Default: <c>MODELTRACK_JOURNAL_DIR</c>, else the folder of a folder tracker itself, else local application data, else the temporary
    /// folder. Where none can be written the journal is in memory, with a warning that nothing outlives the process then.
    /// </value>
    public string? JournalDirectory { get; set; }

    /// <summary>The greatest size of the journal on disk, in bytes.</summary>
    /// <value>Default: 1 GiB. At least 16 MiB.</value>
    public long JournalByteCap { get; set; } = 1L << 30;

    /// <summary>The greatest sum of the sizes of files that wait beside the journal for a server, in bytes. A single file may be larger.</summary>
    /// <value>
    /// Default: 10 GiB. Zero or more. When it is reached, <see cref="Run.LogArtifact(string, string?)"/> and the like wait for room, at most
    /// <see cref="JournalFullTimeout"/>, and then throw an <see cref="IOException"/>. Not used for folders, into which files go directly.
    /// </value>
    public long ArtifactByteCap { get; set; } = 10L << 30;

    /// <summary>
    /// How long <see cref="Tracker.StartRun"/> waits for a server's answer before the run starts without an id, which follows when the
    /// server is back.
    /// </summary>
    /// <value>Default: 5 seconds. Zero or more; zero starts every run without waiting. Not used for folders.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What log calls do when the journal has reached <see cref="JournalByteCap"/>.</summary>
    /// <value>Default: <see cref="JournalFullMode.Wait"/>.</value>
    public JournalFullMode WhenJournalFull { get; set; } = JournalFullMode.Wait;

    /// <summary>How long log calls wait for room in a full journal, counted from when it became full.</summary>
    /// <value>Default: 30 seconds. Zero or more.</value>
    public TimeSpan JournalFullTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often the journal is forced to the disk itself. That bounds what a power cut costs; against a crash or kill of the process it
    /// is not needed.
    /// </summary>
    /// <value>Default: null, which leaves it to the operating system. More than zero.</value>
    public TimeSpan? FlushToDiskInterval { get; set; }

    /// <summary>How long <see cref="Tracker.Dispose"/> waits for what is not stored yet. It stays in the journal after that.</summary>
    /// <value>
    /// Default: 30 seconds. Zero or more. Once the store is known to be away: at most 5 seconds. After a signal that ends programs: until 20
    /// seconds after it, so that a container's host need not kill the program.
    /// </value>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How runs end that are still open when the program ends by itself with exit code 0, or when the tracker is disposed. With another
    /// exit code they end as <see cref="RunStatus.Failed"/>, after a signal as <see cref="RunStatus.Killed"/>.
    /// </summary>
    /// <value>Default: <see cref="RunStatus.Finished"/>, as in MLflow's own client.</value>
    public RunStatus StatusOfOpenRunsAtExit { get; set; } = RunStatus.Finished;

    /// <summary>Whether runs get tags that say where they come from: user, program, git commit.</summary>
    /// <value>Default: true.</value>
    public bool CaptureContext { get; set; } = true;

    /// <summary>
    /// Whether runs get MLflow's system metrics while they are open: processor and memory (on Linux), disk, network, and NVIDIA's cards where there
    /// is <c>nvidia-smi</c>; as <c>system/…</c>, every 10 seconds, or as <c>MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL</c> and
    /// <c>MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING</c> say. What cannot be read is said in the log once.
    /// </summary>
    /// <value>Default: null, which leaves it to <c>MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING</c>, else false.</value>
    public bool? LogSystemMetrics { get; set; }

    /// <summary>How many artifact files are moved at the same time, and how many parts of one large file.</summary>
    /// <value>Default: 4. From 1 to 64.</value>
    public int MaxParallelTransfers { get; set; } = 4;

    /// <summary>
    /// What stores artifacts at locations of a scheme (<c>s3</c>, <c>gs</c>, …; without the colon, in any case): makes the repository of one
    /// location. Those named here come before the ones that are built in (<c>mlflow-artifacts</c>, <c>http</c>, <c>https</c>, <c>file</c>).
    /// Used with a server; a local folder keeps its artifacts itself.
    /// </summary>
    /// <value>Default: none. Without one, artifacts of a scheme that is not built in are read through the server and cannot be written.</value>
    public IDictionary<string, Func<Uri, IArtifactRepository>> ArtifactRepositories { get; private set; }
        = new Dictionary<string, Func<Uri, IArtifactRepository>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The folder for models that <see cref="Tracker.Models"/> brings to the local disk. Processes share it; on one machine, or on a share
    /// whose renames are atomic.
    /// </summary>
    /// <value>
    /// Default: <c>MODELTRACK_MODEL_CACHE_DIR</c>, else <c>modeltrack/model-cache</c> in local application data, else a new folder in the
    /// temporary folder.
    /// </value>
    public string? ModelCacheDirectory { get; set; }

    /// <summary>
    /// The greatest sum of the sizes of the models in the cache, in bytes. When it is exceeded, those go that were not used for the longest
    /// time; the newest stays, however large it is.
    /// </summary>
    /// <value>Default: 10 GiB. Zero or more.</value>
    public long ModelCacheByteCap { get; set; } = 10L << 30;

    /// <summary>
    /// Whether models come from the cache alone, without a question to any store: for programs that must start without a network. A URI means
    /// what it meant when it was last downloaded.
    /// </summary>
    /// <value>Default: false.</value>
    public bool ModelCacheOnly { get; set; }

    /// <summary>The clock.</summary>
    /// <value>Default: <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where the tracker reports what it does behind the caller's back.</summary>
    /// <value>Default: null, which means nowhere.</value>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The journal's segment size in bytes; small in tests.</summary>
    internal int JournalSegmentSize { get; set; } = Segment.DefaultSize;

    /// <summary>What system metrics are taken of; others in tests.</summary>
    internal Func<IReadOnlyList<ISystemSource>>? SystemSources { get; set; }

    /// <summary>Cancelled when the host that the tracker belongs to stops.</summary>
    internal CancellationToken HostStopping { get; set; }

    /// <summary>How long after a signal the program's trackers wait at most, in all, for what is not stored yet; short in tests.</summary>
    internal TimeSpan SignalShutdownTimeout { get; set; } = TimeSpan.FromSeconds(20);

    internal ILogger CreateLogger() => (LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("ModelTrack.Client");

    /// <summary>A copy that later changes do not reach.</summary>
    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal TrackerOptions Checked()
    {
        Require(JournalByteCap >= 4L * JournalSegmentSize, nameof(JournalByteCap), JournalByteCap, "at least 16 MiB (16777216)");
        Require(JournalFullTimeout >= TimeSpan.Zero, nameof(JournalFullTimeout), JournalFullTimeout, "zero or more");
        Require(ArtifactByteCap >= 0, nameof(ArtifactByteCap), ArtifactByteCap, "zero or more");
        Require(StartTimeout >= TimeSpan.Zero, nameof(StartTimeout), StartTimeout, "zero or more");
        Require(ShutdownTimeout >= TimeSpan.Zero, nameof(ShutdownTimeout), ShutdownTimeout, "zero or more");
        Require(
            FlushToDiskInterval is null || FlushToDiskInterval > TimeSpan.Zero,
            nameof(FlushToDiskInterval), FlushToDiskInterval, "null or more than zero");
        Require(
            StatusOfOpenRunsAtExit is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed,
            nameof(StatusOfOpenRunsAtExit), StatusOfOpenRunsAtExit, "Finished, Failed or Killed");
        Require(WhenJournalFull is JournalFullMode.Wait or JournalFullMode.Refuse, nameof(WhenJournalFull), WhenJournalFull, "Wait or Refuse");
        Require(TimeProvider is not null, nameof(TimeProvider), "null", "a clock");
        Require(JournalDirectory is null || !string.IsNullOrWhiteSpace(JournalDirectory), nameof(JournalDirectory), "blank", "null or a folder");
        Require(
            ModelCacheDirectory is null || !string.IsNullOrWhiteSpace(ModelCacheDirectory), nameof(ModelCacheDirectory), "blank", "null or a folder");
        Require(ModelCacheByteCap >= 0, nameof(ModelCacheByteCap), ModelCacheByteCap, "zero or more");
        Require(MaxParallelTransfers is >= 1 and <= 64, nameof(MaxParallelTransfers), MaxParallelTransfers, "from 1 to 64");
        if (ExperimentName is { } experiment)
        {
            Rules.CheckExperimentName(experiment);
        }

        CheckServer();
        var copy = (TrackerOptions)MemberwiseClone();
        copy.ArtifactRepositories = new Dictionary<string, Func<Uri, IArtifactRepository>>(ArtifactRepositories, StringComparer.OrdinalIgnoreCase);
        return copy;
    }

    private static void Require(bool holds, string option, object? value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"{nameof(TrackerOptions)}.{option} must be {rule}, not {value}.", option);
        }
    }
}
