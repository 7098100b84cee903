using System.Text.Json;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>The registry in a store that MLflow wrote reads back as MLflow reads it, and is left so by what we write beside it.</summary>
internal sealed class GoldenRegistryTests
{
    private static readonly JsonElement Expected =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(TempStore.FixtureFolder, "expected.json"))).RootElement;

    private TempRegistry _registry = null!;

    [SetUp]
    public void OpenStore() => _registry = new TempRegistry(TempStore.OfFixture());

    [TearDown]
    public void RemoveStore() => _registry.Dispose();

    [Test]
    public async Task Registered_models_read_back_as_MLflow_reads_them()
    {
        var expected = Expected.GetProperty("registered_models").EnumerateArray().ToList();
        var page = await _registry.Registry.SearchModelsAsync(new RegistryQuery(), null, default);
        Assert.That(page.Items.Select(model => model.Name), Is.EqualTo(expected.Select(model => Text(model, "name"))));
        foreach (var json in expected)
        {
            await AssertModelAsync(json);
        }

        Assert.That(_registry.Store.Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Versions_read_back_as_MLflow_reads_them()
    {
        foreach (var model in Expected.GetProperty("registered_models").EnumerateArray())
        {
            var name = Text(model, "name")!;
            foreach (var expected in model.GetProperty("versions").EnumerateArray())
            {
                var version = await _registry.Registry.GetVersionAsync(name, expected.GetProperty("version").GetInt32(), default);
                using (Assert.EnterMultipleScope())
                {
                    Assert.That(version.Name, Is.EqualTo(name));
                    Assert.That(version.Source, Is.EqualTo(Text(expected, "source")));
                    Assert.That(version.RunId, Is.EqualTo(Text(expected, "run_id")));
                    Assert.That(version.ModelId, Is.EqualTo(Text(expected, "model_id")));
                    Assert.That(version.Status.ToString(), Is.EqualTo(Text(expected, "status")).IgnoreCase);
                    Assert.That(version.Stage.ToString(), Is.EqualTo(Text(expected, "current_stage")));
                    Assert.That(version.Description, Is.EqualTo(Text(expected, "description")));
                    Assert.That(Milliseconds(version.CreationTime), Is.EqualTo(expected.GetProperty("creation_timestamp").GetInt64()));
                    Assert.That(Milliseconds(version.LastUpdateTime), Is.EqualTo(expected.GetProperty("last_updated_timestamp").GetInt64()));
                    Assert.That(version.Tags, Is.EquivalentTo(Map(expected.GetProperty("tags"))));
                    Assert.That(version.Aliases, Is.EquivalentTo(expected.GetProperty("aliases").EnumerateArray().Select(a => a.GetString())));
                    Assert.That(
                        await _registry.Registry.GetDownloadUriAsync(name, version.Version, default),
                        Is.EqualTo(Text(expected, "download_uri")));
                }
            }
        }
    }

    [Test]
    public async Task What_is_written_beside_it_leaves_the_rest_as_MLflow_reads_it()
    {
        var registry = _registry.Registry;
        await registry.SetVersionTagAsync("fixture-model", 1, "new", "tag", default);
        await registry.DeleteVersionTagAsync("fixture-model", 1, "new", default);
        await registry.SetModelTagAsync("fixture-model", "new", "tag", default);
        await registry.DeleteModelTagAsync("fixture-model", "new", default);
        await registry.SetAliasAsync("fixture-model", "new", 2, default);
        await registry.DeleteAliasAsync("fixture-model", "new", default);
        await registry.SetStageAsync("fixture-model", 1, ModelStage.Archived, false, default);
        foreach (var json in Expected.GetProperty("registered_models").EnumerateArray())
        {
            await AssertModelAsync(json, isChanged: true);
        }

        var meta = await File.ReadAllTextAsync(Path.Combine(_registry.Models, "fixture-model", "meta.yaml"));
        Assert.That(meta, Does.Contain("aliases: {champion: '2', previous: '1'}").And.Contain("deployment_job_id: null"));
        meta = await File.ReadAllTextAsync(Path.Combine(_registry.Models, "fixture-model", "version-1", "meta.yaml"));
        Assert.That(meta, Does.Contain("version: 1\n").And.Contain("model_id: m-abd459bccea441a99a3ea3d8209f5ab6\n"));
    }

    [Test]
    public async Task A_model_of_the_run_is_registered_as_MLflow_registers_it()
    {
        const string RunId = "ccc6fe8969d74a3eaf0af3ba41792240";
        const string ModelId = "m-abd459bccea441a99a3ea3d8209f5ab6";
        var client = _registry.NewClient();
        var version = await client.RegisterModelAsync("fixture-model", $"runs:/{RunId}/sk-model");
        var copy = await client.RegisterModelAsync("copy", "models:/fixture-model/1");
        var logged = await client.RegisterModelAsync("logged", $"models:/{ModelId}");
        const string Files = "file:///tmp/fx/mlruns/314276688541905216/models/m-abd459bccea441a99a3ea3d8209f5ab6/artifacts";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(version.Version, Is.EqualTo(3));
            Assert.That(version.Source, Is.EqualTo($"models:/{ModelId}"));
            Assert.That(version.RunId, Is.EqualTo(RunId));
            Assert.That(version.ModelId, Is.EqualTo(ModelId));
            Assert.That(await client.GetDownloadUriAsync("fixture-model", 3), Is.EqualTo(Files));
            Assert.That(copy.RunId, Is.EqualTo(RunId));
            Assert.That(copy.ModelId, Is.EqualTo(ModelId));
            Assert.That(await client.GetDownloadUriAsync("copy", 1), Is.EqualTo(Files));
            Assert.That(logged.RunId, Is.EqualTo(RunId));
            Assert.That(await client.GetDownloadUriAsync("logged", 1), Is.EqualTo(Files));
        }

        var note = Path.Combine(_registry.Store.Root, "314276688541905216", "models", ModelId, "tags", "mlflow.modelVersions");
        Assert.That(
            await File.ReadAllTextAsync(note),
            Is.EqualTo("""[{"name":"fixture-model","version":3},{"name":"copy","version":1},{"name":"logged","version":1}]"""));
        Assert.That(
            Assert.ThrowsAsync<ModelTrackException>(() => client.RegisterModelAsync("x", "models:/m-0"))!.ErrorCode,
            Is.EqualTo(ErrorCode.ResourceDoesNotExist));
    }

    private async Task AssertModelAsync(JsonElement expected, bool isChanged = false)
    {
        var model = await _registry.Registry.GetModelAsync(Text(expected, "name")!, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(model.Description, Is.EqualTo(Text(expected, "description")));
            Assert.That(model.Tags, Is.EquivalentTo(Map(expected.GetProperty("tags"))));
            Assert.That(
                model.Aliases.Select(alias => $"{alias.Key}={alias.Value}"),
                Is.EquivalentTo(expected.GetProperty("aliases").EnumerateObject().Select(alias => $"{alias.Name}={alias.Value}")));
            Assert.That(Milliseconds(model.CreationTime), Is.EqualTo(expected.GetProperty("creation_timestamp").GetInt64()));
            var update = expected.GetProperty("last_updated_timestamp").GetInt64();
            Assert.That(isChanged || Milliseconds(model.LastUpdateTime) == update);
            Assert.That(
                model.LatestVersions.Select(version => version.Version),
                Is.EqualTo(expected.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetInt32())));
        }
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static string? Text(JsonElement parent, string name) => parent.GetProperty(name).GetString();

    private static Dictionary<string, string> Map(JsonElement element)
        => element.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
}
