using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// The files of an mlruns folder that MLflow wrote. One of them (the input's first byte says which) gets the rest of the input as its content;
/// what it belongs to is then read, or refused with a <see cref="ModelTrackException"/>.
/// </summary>
internal sealed class StoreFolderTarget : FuzzTarget
{
    private static readonly string[] Models = ["fixture-model", "empty-model"];

    private readonly Scratch _scratch = new();
    private readonly string _root;
    private readonly FileBackend _backend;
    private readonly FileModelRegistry _registry;
    private readonly List<(string Path, byte[] Content)> _files = [];

    public StoreFolderTarget()
    {
        _root = Path.Combine(_scratch.Folder, "mlruns");
        var fixture = Path.Combine(AppContext.BaseDirectory, "Fixtures", "filestore", "mlruns");
        foreach (var file in Directory.GetFiles(fixture, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var relative = Path.GetRelativePath(fixture, file);
            var content = File.ReadAllBytes(file);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, relative))!);
            File.WriteAllBytes(Path.Combine(_root, relative), content);
            if (!relative.Contains("artifacts", StringComparison.Ordinal) && content.Length < 16 << 10)
            {
                _files.Add((relative, content));
            }
        }

        // A clock far from the files' times: a reader waits for the end of what is being written at this moment.
        var clock = new FakeTimeProvider(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _backend = new FileBackend(_root, FolderAddressing.PlainPath, clock, NullLogger.Instance);
        _registry = new FileModelRegistry(_root, new NoLoggedModels(), clock, NullLogger.Instance);
    }

    public override string Name => "store-folder";

    public override int ShortCount => 700;

    /// <summary>All of the run, of the experiment and of the model is read for each input.</summary>
    public override int BytesPerByte => 2000;

    protected override IReadOnlyList<string> Words => MetaYamlTarget.YamlWords;

    public override IEnumerable<byte[]> Seeds() => _files.Select((file, index) => (byte[])[(byte)index, .. file.Content]);

    public override byte[] Next(Random random, IReadOnlyList<byte[]> pool)
    {
        var input = pool[random.Next(pool.Count)];
        return input.Length == 0 ? [0] : [input[0], .. new Mutator(random, Words).Mutate([input[1..], .. pool.Take(40).Select(other => other[1..])])];
    }

    public override Outcome Read(byte[] input)
    {
        var (relative, content) = _files[(input.Length == 0 ? 0 : input[0]) % _files.Count];
        var path = Path.Combine(_root, relative);
        File.WriteAllBytes(path, input.AsSpan(Math.Min(1, input.Length)));
        try
        {
            var results = new List<string>();
            foreach (var read in Readings(relative.Split(Path.DirectorySeparatorChar), input.Length))
            {
                results.Add(Try(read));
            }

            return new Outcome(
                results.TrueForAll(result => result.StartsWith('+')) ? Depth.Read : results.Exists(result => result.StartsWith('+')) ? Depth.Partial : Depth.Refused,
                $"{relative} {string.Join('|', results)}");
        }
        finally
        {
            File.WriteAllBytes(path, content);
        }
    }

    protected override void Close()
    {
        _backend.Dispose();
        _registry.Dispose();
        _scratch.Dispose();
    }

    private IEnumerable<Func<string>> Readings(string[] parts, int length)
    {
        if (parts[0] == "models")
        {
            foreach (var model in Models)
            {
                yield return () => Done(_registry.GetModelAsync(model, default)).Aliases.Count.ToString(default(IFormatProvider));
            }

            yield return () => Done(_registry.GetVersionAsync(Models[0], 1, default)).Status.ToString();
            yield return () => Done(_registry.GetVersionByAliasAsync(Models[0], "champion", default)).Stage.ToString();
            yield return () => Done(_registry.GetDownloadUriAsync(Models[0], 2, default)).Length.ToString(default(IFormatProvider));
            yield return () => Done(_registry.SearchVersionsAsync(new RegistryQuery { Filter = "name = 'fixture-model'" }, null, default)).Items.Count.ToString(default(IFormatProvider));
            yield break;
        }

        var experiment = parts[0] == ".trash" ? parts[1] : parts[0];
        yield return () => Done(_backend.GetExperimentAsync(experiment, default)).LifecycleStage.ToString();
        if (Array.Find(parts, part => FileLayout.IsId(part)) is { } runId && parts[^2] != "datasets")
        {
            yield return () =>
            {
                var run = Done(_backend.GetRunAsync(runId, default));
                return $"{run.Status} {run.Metrics.Count} {run.Params.Count} {run.Tags.Count} {run.DatasetInputs.Count} {run.ModelOutputs.Count}";
            };
            if (parts.Contains("metrics"))
            {
                var key = string.Join('/', parts[(Array.IndexOf(parts, "metrics") + 1)..]);
                yield return () => _backend.GetMetricHistoryAsync(runId, key, default).ToBlockingEnumerable().Count().ToString(default(IFormatProvider));
            }
        }

        if (length % 8 == 0)
        {
            yield return () => Done(_backend.SearchRunsAsync(new RunQuery { ExperimentIds = [experiment], View = ViewType.All }, null, default)).Items.Count.ToString(default(IFormatProvider));
        }
    }

    private static T Done<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static string Try(Func<string> read)
    {
        try
        {
            return "+" + read();
        }
        catch (ModelTrackException e)
        {
            return "-" + e.ErrorCode;
        }
    }
}
