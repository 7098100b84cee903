using ModelTrack.Client.Tests.Backends.Files;

namespace ModelTrack.Client.Tests.Registry;

/// <summary>Which registry a tracker has.</summary>
internal sealed class TrackerRegistryTests
{
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
    public void A_registry_can_be_a_server_beside_a_folder_of_runs()
    {
        using var runs = new TempStore();
        using var server = new Backends.Rest.ScriptedServer(_ => Backends.Rest.ScriptedAnswer.Error(404, "RESOURCE_DOES_NOT_EXIST"));
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = runs.Root, RegistryUri = server.Uri }, Variables());
        Assert.ThrowsAsync<ModelTrackException>(() => tracker.Registry.GetModelAsync("cancer"));
        Assert.That(server.Requests.Single().Path, Is.EqualTo("/api/2.0/mlflow/registered-models/get?name=cancer"));
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
