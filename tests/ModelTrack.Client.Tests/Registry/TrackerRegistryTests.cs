using ModelTrack.Client.Fakes;
using ModelTrack.Client.Tests.Backends.Files;

namespace ModelTrack.Client.Tests.Registry;

/// <summary>Which registry a tracker has.</summary>
internal sealed class TrackerRegistryTests
{
    private ScratchFolder _journals = null!;

    [SetUp]
    public void MakeFolder() => _journals = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _journals.Dispose();

    [Test]
    public async Task A_folder_tracker_keeps_its_models_in_the_folder()
    {
        using var store = new TempStore();
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = store.Root }, Variables());
        using var run = tracker.StartRun("fast-tree");
        run.LogText("model/MLmodel", "flavors: {}\n");
        await tracker.FlushAsync();
        var version = await tracker.Registry.RegisterModelAsync("cancer", $"runs:/{run.Id}/model");
        await tracker.Registry.SetAliasAsync("cancer", "champion", version.Version);
        Assert.That(version.RunId, Is.EqualTo(run.Id));
        Assert.That(File.ReadAllText(Path.Combine(store.Root, "models", "cancer", "aliases", "champion")), Is.EqualTo("1"));
    }

    [Test]
    public async Task A_registry_of_its_own_is_named_by_the_option_or_else_by_the_variable()
    {
        using var runs = new TempStore();
        using var models = new TempStore("models-of-all");
        using var others = new TempStore("others");
        var byVariable = Variables(("MLFLOW_REGISTRY_URI", models.Root));
        using (var tracker = new Tracker(new TrackerOptions { TrackingUri = runs.Root }, byVariable))
        {
            await tracker.Registry.CreateModelAsync("by-variable");
        }

        using (var tracker = new Tracker(new TrackerOptions { TrackingUri = runs.Root, RegistryUri = others.Root }, byVariable))
        {
            await tracker.Registry.CreateModelAsync("by-option");
        }

        Assert.That(Directory.Exists(Path.Combine(models.Root, "models", "by-variable")));
        Assert.That(Directory.Exists(Path.Combine(others.Root, "models", "by-option")));
        Assert.That(Directory.Exists(Path.Combine(runs.Root, "models")), Is.False);
    }

    [Test]
    public async Task A_registry_can_be_a_server_beside_a_folder_of_runs()
    {
        using var runs = new TempStore();
        await using var server = await FakeServer.StartAsync();
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = runs.Root, RegistryUri = server.Url.AbsoluteUri }, Variables());
        var version = await tracker.Registry.RegisterModelAsync("cancer", "s3://bucket/model");
        Assert.That(version.Source, Is.EqualTo("s3://bucket/model"));
        Assert.That(server.Requests, Is.Not.Empty);
        Assert.That(Directory.Exists(Path.Combine(runs.Root, "models")), Is.False);
    }

    [Test]
    public async Task A_server_tracker_keeps_its_models_on_the_server()
    {
        await using var server = await FakeServer.StartAsync();
        using var tracker = new Tracker(
            new TrackerOptions { TrackingUri = server.Url.AbsoluteUri, JournalDirectory = _journals.Path, CaptureContext = false },
            Variables());
        using var run = await tracker.StartRunAsync();
        run.LogText("model/MLmodel", "flavors: {}\n");
        await tracker.FlushAsync();
        var version = await tracker.Registry.RegisterModelAsync("cancer", $"runs:/{run.Id}/model");
        var snapshot = await tracker.Runs.GetAsync(run.Id);
        Assert.That(version.Source, Is.EqualTo(snapshot.ArtifactUri + "/model"));
        Assert.That(await tracker.Registry.GetDownloadUriAsync("cancer", 1), Is.EqualTo(version.Source));
    }

    [TestCase("databricks-uc")]
    [TestCase("sqlite:///models.db")]
    [TestCase("bogus:there")]
    public void Runs_are_recorded_where_the_registry_cannot_be_opened(string registryUri)
    {
        using var runs = new TempStore();
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = runs.Root }, Variables(("MLFLOW_REGISTRY_URI", registryUri)));
        using (tracker.StartRun())
        {
            Assert.That(() => tracker.Registry, Throws.InstanceOf<ArgumentException>().Or.InstanceOf<NotSupportedException>());
        }
    }

    [Test]
    public async Task A_tracker_in_memory_keeps_its_models_there()
    {
        using var tracker = Tracker.InMemory();
        using var run = tracker.StartRun();
        var version = await tracker.Registry.RegisterModelAsync("cancer", $"runs:/{run.Id}/model");
        Assert.That((await tracker.Registry.GetVersionAsync("cancer", 1)).RunId, Is.EqualTo(run.Id));
        Assert.That(version.Version, Is.EqualTo(1));
    }

    private static TrackingEnvironment Variables(params (string Name, string Value)[] variables)
        => new(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
