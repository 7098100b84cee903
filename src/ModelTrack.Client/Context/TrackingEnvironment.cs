namespace ModelTrack.Client;

/// <summary>The environment variables of MLflow and of this client. An empty one counts as unset.</summary>
internal sealed class TrackingEnvironment
{
    public const string TrackingUriVariable = "MLFLOW_TRACKING_URI";
    public const string RunContextVariable = "MLFLOW_RUN_CONTEXT";

    private readonly Func<string, string?> _read;
    private readonly Action<string>? _remove;
    private readonly object _lock = new();

    /// <param name="read">Reads a variable; null when it is not set.</param>
    /// <param name="remove">Removes a variable; null: it stays.</param>
    /// <param name="home">The user's folder; null: there is none.</param>
    public TrackingEnvironment(Func<string, string?> read, Action<string>? remove = null, string? home = null)
    {
        _read = read;
        _remove = remove;
        Home = string.IsNullOrEmpty(home) ? null : home;
    }

    /// <summary>That of this process.</summary>
    public static TrackingEnvironment Process { get; } = new(
        Environment.GetEnvironmentVariable,
        name => Environment.SetEnvironmentVariable(name, null),
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>The user's folder, where files with credentials are; null when there is none.</summary>
    public string? Home { get; }

    public string? TrackingUri => Get(TrackingUriVariable);

    /// <summary>The folder of runs when no tracking URI is set.</summary>
    public string? TrackingDirectory => Get("MLFLOW_TRACKING_DIR");

    /// <summary>Where registered models are, if not at the tracking URI.</summary>
    public string? RegistryUri => Get("MLFLOW_REGISTRY_URI");

    public string? ExperimentName => Get("MLFLOW_EXPERIMENT_NAME");

    public string? ExperimentId => Get("MLFLOW_EXPERIMENT_ID");

    /// <summary>The run that this process should go on with; see <see cref="TakeRunId"/>.</summary>
    public string? RunId => Get("MLFLOW_RUN_ID");

    public string? JournalDirectory => Get("MODELTRACK_JOURNAL_DIR");

    /// <summary>Tags for new runs, as a JSON object.</summary>
    public string? RunContext => Get(RunContextVariable);

    public string? UserName => Get("MLFLOW_TRACKING_USERNAME");

    /// <summary>
    /// The run to go on with, given once: as in MLflow the variable is used up, so that the process's second run is a new one.
    /// </summary>
    public string? TakeRunId()
    {
        lock (_lock)
        {
            var id = RunId;
            if (id is not null)
            {
                _remove?.Invoke("MLFLOW_RUN_ID");
            }

            return id;
        }
    }

    /// <summary>A variable's text; null when it is unset or empty.</summary>
    public string? Get(string name) => _read(name) is { Length: > 0 } value ? value : null;
}
