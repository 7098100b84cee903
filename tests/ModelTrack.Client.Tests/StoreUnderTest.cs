namespace ModelTrack.Client.Tests;

/// <summary>A store, in a folder of its own or in memory, and trackers for it.</summary>
internal sealed class StoreUnderTest(StoreKind kind) : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public string Folder => _scratch["mlruns"];

    public ScratchFolder Scratch => _scratch;

    public static TrackingEnvironment NoVariables { get; } = new(_ => null);

    public static TrackingEnvironment Variables(params (string Name, string Value)[] variables)
    {
        var values = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        return new TrackingEnvironment(values.GetValueOrDefault, name => values.Remove(name));
    }

    public Tracker Open(TimeProvider? clock = null, TrackingEnvironment? environment = null, Action<TrackerOptions>? configure = null)
    {
        var options = new TrackerOptions
        {
            TrackingUri = kind == StoreKind.Folder ? Folder : "memory:",
            TimeProvider = clock ?? TimeProvider.System,
            CaptureContext = false,
            JournalSegmentSize = 1 << 16,
        };
        configure?.Invoke(options);
        return new Tracker(options, environment ?? NoVariables);
    }

    /// <summary>All files but the journal's, with their content.</summary>
    public Dictionary<string, string> Files() => Directory.Exists(Folder)
        ? Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories)
            .Where(path => !Path.GetFileName(path).StartsWith(".modeltrack-", StringComparison.Ordinal))
            .ToDictionary(
                path => Path.GetRelativePath(Folder, path),
                path => File.Exists(path) ? Convert.ToBase64String(File.ReadAllBytes(path)) : "(folder)")
        : [];

    public void Dispose() => _scratch.Dispose();
}
