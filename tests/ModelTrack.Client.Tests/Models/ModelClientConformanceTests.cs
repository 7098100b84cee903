namespace ModelTrack.Client.Tests.Models;

/// <summary>What every kind of store does alike with models that runs logged and the registry names.</summary>
[TestFixtureSource(nameof(Stores))]
internal sealed class ModelClientConformanceTests(string store)
{
    private ScratchFolder _scratch = null!;
    private Tracker _tracker = null!;
    private string _name = null!;

    public static IEnumerable<string> Stores => ["folder", "memory", .. ServersUnderTest.Names];

    [SetUp]
    public void OpenStore()
    {
        _scratch = new ScratchFolder();
        _tracker = Open();
        _name = "model-" + Guid.NewGuid().ToString("N");
    }

    [TearDown]
    public void CloseStore()
    {
        _tracker.Dispose();
        _scratch.Dispose();
    }

    private Tracker Open() => new(
        new TrackerOptions
        {
            TrackingUri = store switch
            {
                "folder" => _scratch["mlruns"],
                "memory" => "memory:",
                _ => ServersUnderTest.UriOf(store),
            },
            JournalDirectory = _scratch["journals"],
            ModelCacheDirectory = _scratch["cache"],
            CaptureContext = false,
        },
        StoreUnderTest.NoVariables);

    private async Task<string> LogAsync(string team, string path = "model")
    {
        await using var run = await _tracker.StartRunAsync(experiment: _name);
        run.LogText($"{path}/MLmodel", new ModelManifest { Metadata = ModelValue.Map(("team", team)) }.ToYaml());
        run.LogText($"{path}/data/weights.txt", "weights of " + team);
        await _tracker.FlushAsync();
        return run.Id;
    }

    private async Task<string> RegisterAsync(string team)
    {
        var runId = await LogAsync(team);
        await _tracker.Registry.RegisterModelAsync(_name, $"runs:/{runId}/model");
        return runId;
    }

    [Test]
    public async Task A_version_is_found_by_each_of_its_names_and_copied_once()
    {
        await RegisterAsync("a");
        var runId = await RegisterAsync("b");
        await _tracker.Registry.SetAliasAsync(_name, "champion", 2);
        await _tracker.Registry.SetStageAsync(_name, 2, ModelStage.Production);
        var isFirst = true;
        foreach (var uri in new[] { $"models:/{_name}@champion", $"models:/{_name}/2", $"models:/{_name}/latest", $"models:/{_name}/production" })
        {
            var resolved = await _tracker.Models.ResolveAsync(uri);
            var model = await _tracker.Models.DownloadAsync(uri);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(resolved.Uri, Is.EqualTo($"models:/{_name}/2"));
                Assert.That(resolved.Location, Does.EndWith($"{runId}/artifacts/model"));
                Assert.That(model.Uri, Is.EqualTo(resolved.Uri));
                Assert.That((model.Name, model.Version, model.RunId), Is.EqualTo((_name, 2, runId)));
                Assert.That((resolved.Name, resolved.Version, resolved.RunId), Is.EqualTo((_name, 2, runId)));
                Assert.That(model.WasCached, Is.EqualTo(!isFirst));
                Assert.That(model.Manifest.Metadata?["team"]?.AsText(), Is.EqualTo("b"));
                Assert.That(File.ReadAllText(Path.Combine(model.Path, "data", "weights.txt")), Is.EqualTo("weights of b"));
                Assert.That(
                    File.ReadAllText(Path.Combine(model.Path, "registered_model_meta")), Is.EqualTo($"model_name: {_name}\nmodel_version: 2\n"));
            }

            Assert.That(await _tracker.Models.DownloadAsync(uri, cacheOnly: true), Is.EqualTo(model with { WasCached = true }));
            isFirst = false;
        }
    }

    [Test]
    public async Task An_alias_that_moves_is_followed_and_what_was_there_stays()
    {
        await RegisterAsync("a");
        await RegisterAsync("b");
        await _tracker.Registry.SetAliasAsync(_name, "champion", 1);
        var before = await _tracker.Models.DownloadAsync($"models:/{_name}@champion");
        await _tracker.Registry.SetAliasAsync(_name, "champion", 2);
        var after = await _tracker.Models.DownloadAsync($"models:/{_name}@champion");
        Assert.That((before.Version, after.Version), Is.EqualTo((1, 2)));
        Assert.That(File.ReadAllText(Path.Combine(before.Path, "data", "weights.txt")), Is.EqualTo("weights of a"));
        Assert.That((await _tracker.Models.DownloadAsync($"models:/{_name}@champion", cacheOnly: true)).Version, Is.EqualTo(2));
        Assert.That((await _tracker.Models.DownloadAsync($"models:/{_name}/1", cacheOnly: true)).Path, Is.EqualTo(before.Path));
    }

    [Test]
    public async Task A_path_inside_the_model_is_found()
    {
        await RegisterAsync("a");
        var whole = await _tracker.Models.DownloadAsync($"models:/{_name}/1");
        var part = await _tracker.Models.DownloadAsync($"models:/{_name}/1/data/weights.txt");
        Assert.That(part.Path, Is.EqualTo(Path.Combine(whole.Folder, "data", "weights.txt")));
        Assert.That(part.Folder, Is.EqualTo(whole.Path));
        Assert.That(File.Exists(part.Path));
        Assert.That((await _tracker.Models.DownloadAsync($"models:/{_name}/1/data/", cacheOnly: true)).Path, Is.EqualTo(Path.Combine(whole.Folder, "data")));
        Assert.ThrowsAsync<ModelTrackException>(() => _tracker.Models.DownloadAsync($"models:/{_name}/1/data/absent", cacheOnly: true));
        Assert.ThrowsAsync<ArgumentException>(() => _tracker.Models.DownloadAsync($"models:/{_name}/1/../../secret"));
        AssertMissing($"models:/{_name}/1/data/absent", "data/absent");
    }

    [Test]
    public async Task A_runs_model_is_found_and_found_again_when_it_was_logged_anew()
    {
        var runId = await LogAsync("a", "deep/model");
        var uri = $"runs:/{runId}/deep/model";
        var first = await _tracker.Models.DownloadAsync(uri);
        Assert.That((first.Name, first.Version, first.RunId), Is.EqualTo(((string?)null, (int?)null, runId)));
        Assert.That(File.Exists(Path.Combine(first.Path, "registered_model_meta")), Is.False);
        Assert.That((await _tracker.Models.DownloadAsync(uri + "/")).WasCached);

        await using (var run = await _tracker.StartRunAsync(runId: runId))
        {
            run.LogText("deep/model/MLmodel", new ModelManifest { Metadata = ModelValue.Map(("team", "b")) }.ToYaml());
            run.LogText("deep/model/data/weights.txt", "weights of b");
            await _tracker.FlushAsync();
        }

        var second = await _tracker.Models.DownloadAsync(uri);
        Assert.That(second.WasCached, Is.False);
        Assert.That(File.ReadAllText(Path.Combine(second.Path, "data", "weights.txt")), Is.EqualTo("weights of b"));
        Assert.That(File.ReadAllText(Path.Combine(first.Path, "data", "weights.txt")), Is.EqualTo("weights of a"));
    }

    [Test]
    public async Task What_does_not_exist_is_said_precisely()
    {
        await RegisterAsync("a");
        var runId = await LogAsync("b", "other");
        AssertMissing("models:/modeltrack-no-such-model/1", "modeltrack-no-such-model");
        AssertMissing($"models:/{_name}/7", "7");
        AssertMissing($"models:/{_name}@nobody", "nobody");
        AssertMissing($"models:/{_name}/staging", "Staging");
        AssertMissing("models:/m-00000000000000000000000000000000", "m-00000000000000000000000000000000");
        AssertMissing("runs:/0123456789abcdef0123456789abcdef/model", "0123456789abcdef0123456789abcdef");
        AssertMissing($"runs:/{runId}/model", "MLmodel");
        AssertMissing($"runs:/{runId}", "MLmodel");
        Assert.ThrowsAsync<ArgumentException>(() => _tracker.Models.DownloadAsync("models:/just-a-name"));
        Assert.ThrowsAsync<ArgumentException>(() => _tracker.Models.DownloadAsync(" "));
        Assert.ThrowsAsync<ArgumentException>(() => _tracker.Models.DownloadAsync("models:/just-a-name", cacheOnly: true));
    }

    [Test]
    public async Task The_cache_alone_has_only_what_was_asked_for()
    {
        await RegisterAsync("a");
        var error = Assert.ThrowsAsync<ModelTrackException>(() => _tracker.Models.DownloadAsync($"models:/{_name}/1", cacheOnly: true));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(error.Message, Does.Contain($"models:/{_name}/1").And.Contain(_scratch["cache"]));
    }

    [Test]
    public async Task Many_at_a_time_get_the_same_model()
    {
        await RegisterAsync("a");
        using var other = store == "memory" ? null : Open();
        var models = await Task.WhenAll(Enumerable.Range(0, 16).Select(
            i => Task.Run(() => (i % 2 == 0 ? _tracker : other ?? _tracker).Models.DownloadAsync($"models:/{_name}/1"))));
        Assert.That(models.Select(model => model.Path).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Directory.EnumerateFileSystemEntries(_scratch["cache/new"]), Is.Empty);
    }

    [Test]
    public void A_place_that_cannot_be_listed_is_no_place_for_a_model()
    {
        var error = Assert.ThrowsAsync<ModelTrackException>(() => _tracker.Models.DownloadAsync("http://127.0.0.1:9/models/m"));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.NotImplemented));
        Assert.That(error.Message, Does.Contain("http://127.0.0.1:9/models/m"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_folder_with_a_link_that_leads_out_is_not_copied_without_it()
    {
        _scratch.Write("outside.txt", "not the model's");
        _scratch.Write("m/MLmodel", "model_uuid: x\n");
        File.CreateSymbolicLink(_scratch["m/weights"], "../outside.txt");

        var error = Assert.ThrowsAsync<ModelTrackException>(() => _tracker.Models.DownloadAsync(_scratch["m"]));
        Assert.That(error!.Message, Does.Contain("'weights'").Or.Contain("\"weights\"").And.Contain("leads out"));
        Assert.That(Directory.EnumerateFileSystemEntries(_scratch["cache/new"]), Is.Empty);
    }

    private void AssertMissing(string uri, string word)
    {
        var error = Assert.ThrowsAsync<ModelTrackException>(() => _tracker.Models.DownloadAsync(uri), uri);
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist), uri);
        Assert.That(error.Message, Does.Contain(word));
    }
}
