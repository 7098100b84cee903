using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>A store in a folder of its own, gone after the test.</summary>
internal sealed class TempStore : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "modeltrack-tests-" + Guid.NewGuid().ToString("N"));

    public TempStore(string name = "mlruns", FolderAddressing form = FolderAddressing.PlainPath)
    {
        Root = Path.Combine(_folder, name);
        Directory.CreateDirectory(_folder);
        Backend = Open(form);
    }

    public string Root { get; private set; }

    public FileBackend Backend { get; private set; }

    public ListLogger Log { get; } = new();

    public static string FixtureFolder => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "filestore");

    /// <summary>A copy of the store that MLflow wrote.</summary>
    public static TempStore OfFixture()
    {
        var store = new TempStore("empty");
        store.Root = Path.Combine(store._folder, "mlruns");
        Copy(Path.Combine(FixtureFolder, "mlruns"), store.Root);
        store.Backend = store.Open();
        return store;
    }

    /// <summary>A second backend on the same folder, as another process would have it.</summary>
    public FileBackend Open(FolderAddressing form = FolderAddressing.PlainPath) => new(Root, form, TimeProvider.System, Log);

    public void MoveTo(string name)
    {
        var place = Path.Combine(_folder, name);
        Directory.Move(Root, place);
        Root = place;
        Backend = Open();
    }

    public async Task<RunSnapshot> CreateRunAsync(
        string? name = "a run", string experimentId = "0", params (string Key, string Value)[] tags)
        => await Backend.CreateRunAsync(
            new RunCreation
            {
                ExperimentId = experimentId,
                Name = name,
                StartTime = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000),
                UserId = "me",
                Tags = tags.ToDictionary(t => t.Key, t => t.Value),
            },
            default);

    public async Task<IReadOnlyList<RunSnapshot>> SearchAsync(string experimentId = "0", ViewType view = ViewType.ActiveOnly)
        => (await Backend.SearchRunsAsync(new RunQuery { ExperimentIds = [experimentId], View = view }, null, default)).Items;

    public string FolderOf(RunSnapshot run) => Path.Combine(Root, run.ExperimentId, run.Id);

    /// <summary>Writes over a file that was there before the test could have started: nobody is in the middle of writing it.</summary>
    public static void WriteOld(string path, string content)
    {
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.GetDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}
