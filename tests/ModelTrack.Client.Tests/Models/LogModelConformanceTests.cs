namespace ModelTrack.Client.Tests.Models;

/// <summary>What every kind of store does alike with a model that a run logs.</summary>
[TestFixtureSource(nameof(Stores))]
internal sealed class LogModelConformanceTests(string store)
{
    private ScratchFolder _scratch = null!;
    private Tracker _tracker = null!;
    private Run _run = null!;
    private string _name = null!;

    public static IEnumerable<string> Stores => ModelClientConformanceTests.Stores;

    private static LogModelOptions Plain => new() { Flavors = { ["plain"] = ModelValue.Map(("data", "weights")) } };

    [SetUp]
    public void StartRun()
    {
        _scratch = new ScratchFolder();
        _name = "model-" + Guid.NewGuid().ToString("N");
        _tracker = new Tracker(
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
        _run = _tracker.StartRun(experiment: _name);
    }

    [TearDown]
    public void EndRun()
    {
        _run.Dispose();
        _tracker.Dispose();
        _scratch.Dispose();
    }

    private string Folder()
    {
        var folder = Directory.CreateDirectory(_scratch["model"]).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "weights"));
        File.WriteAllText(Path.Combine(folder, "weights", "a.txt"), "first");
        File.WriteAllText(Path.Combine(folder, "weights", "b c.bin"), "second");
        return folder;
    }

    [Test]
    public async Task A_folder_is_stored_registered_and_found_by_every_uri_of_it()
    {
        _run.LogParam("trees", 100).LogMetric("auc", 0.9);
        var options = Plain with
        {
            RegisteredModelName = _name,
            Signature = new ModelSignature(new ModelSchema(new ColumnSpec(ColumnType.Float, "x"))),
            Metadata = ModelValue.Map(("team", "oncology")),
            InputExample = ModelInputExample.DataFrame(["x"], [[1.5f]]),
        };
        var info = await _run.LogModelAsync(Folder(), "forest", options);
        var (runId, files) = (_run.Id, new[] { "MLmodel", "input_example.json", "serving_input_example.json", "weights/a.txt", "weights/b c.bin" });
        Assert.That((info.Name, info.RunId, info.RegisteredModelName, info.Version), Is.EqualTo(("forest", runId, _name, 1)));
        foreach (var uri in new[] { info.ModelUri, $"runs:/{runId}/forest", $"models:/{_name}/1" })
        {
            var model = await _tracker.Models.DownloadAsync(uri);
            Assert.That(
                Directory.EnumerateFiles(model.Folder, "*", SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(model.Folder, file).Replace('\\', '/')).Where(path => path != "registered_model_meta"),
                Is.EquivalentTo(files), uri);
            Assert.That(File.ReadAllText(Path.Combine(model.Path, "weights", "b c.bin")), Is.EqualTo("second"));
            Assert.That(model.Manifest, Is.EqualTo(info.Manifest));
            Assert.That((model.Manifest.RunId, model.Manifest.ModelId, model.ModelId), Is.EqualTo((runId, info.ModelId, info.ModelId)));
            Assert.That(model.Manifest.Metadata?["team"]?.AsText(), Is.EqualTo("oncology"));
            Assert.That(model.Signature?.Inputs?.Columns.Single().Name, Is.EqualTo("x"));
            Assert.That(model.Manifest.Flavors.Keys, Is.EqualTo(new[] { "plain" }));
        }

        var report = await _run.EndAsync();
        Assert.That((report.Rejected, report.Pending, report.Delivered), Is.EqualTo((0, 0, report.Accepted)));
    }

    [Test]
    public async Task A_model_of_which_nobody_waits_for_is_there_after_a_flush_though_its_files_are_gone()
    {
        var folder = Folder();
        _run.LogModel(folder, "forest", Plain with { RegisteredModelName = _name });
        Directory.Delete(folder, recursive: true);
        var report = await _tracker.FlushAsync();
        Assert.That(report.Rejections, Is.Empty);
        var model = await _tracker.Models.DownloadAsync($"models:/{_name}/1");
        Assert.That(File.ReadAllText(Path.Combine(model.Path, "weights", "a.txt")), Is.EqualTo("first"));
        Assert.That(Directory.Exists(_scratch["journals"]) ? Directory.GetFiles(_scratch["journals"], "*0000*", SearchOption.AllDirectories) : [], Has.None.Contains("staged"));
    }

    [Test]
    public async Task Code_writes_the_model_and_models_of_one_name_are_two_versions()
    {
        for (var version = 1; version <= 2; version++)
        {
            var text = $"weights {version}";
            var info = await _run.LogModelAsync(
                folder => File.WriteAllText(Path.Combine(folder, "weights"), text), "forest", Plain with { RegisteredModelName = _name, Step = version });
            Assert.That(info.Version, Is.EqualTo(version));
            var model = await _tracker.Models.DownloadAsync($"models:/{_name}/{version}");
            Assert.That(File.ReadAllText(Path.Combine(model.Path, "weights")), Is.EqualTo(text));
        }
    }

    [Test]
    public async Task A_manifest_in_the_folder_keeps_what_it_says()
    {
        var folder = Folder();
        (new ModelManifest { Flavors = new Dictionary<string, ModelValue> { ["theirs"] = ModelValue.Map(("v", 1L)) }, Metadata = ModelValue.Map(("k", "v")) })
            .Save(folder);
        var info = await _run.LogModelAsync(folder, "forest", Plain);
        Assert.That(info.Manifest.Flavors.Keys, Is.EquivalentTo(new[] { "plain", "theirs" }));
        Assert.That(info.Manifest.Metadata?["k"]?.AsText(), Is.EqualTo("v"));
        Assert.That(info.Manifest.RunId, Is.EqualTo(_run.Id));
    }

    [Test]
    public async Task An_onnx_file_brings_its_signature_and_what_Python_loads_it_by()
    {
        var info = await _run.LogModelAsync(ModelFixture.PathOf("onnx-linear/model.onnx"));
        Assert.That(info.Manifest.Flavors.Keys, Is.EquivalentTo(new[] { "onnx", "python_function" }));
        Assert.That(info.Manifest.Signature?.Inputs?.IsTensors, Is.True);
        var model = await _tracker.Models.DownloadAsync(info.ModelUri);
        Assert.That(
            new[] { "model.onnx", "requirements.txt", "conda.yaml", "python_env.yaml", "MLmodel" }.Select(file => File.Exists(Path.Combine(model.Path, file))),
            Is.All.True);
    }

    [Test]
    public async Task A_name_that_the_registry_does_not_take_is_refused_at_the_call_and_nothing_is_stored()
    {
        Assert.That(
            () => _run.LogModel(Folder(), "forest", Plain with { RegisteredModelName = "a/b" }),
            Throws.ArgumentException.With.Message.Contains("a/b"));
        var report = await _run.EndAsync();
        Assert.That(report.Rejected, Is.Zero);
        Assert.That(() => _tracker.Models.DownloadAsync($"runs:/{_run.Id}/forest"), Throws.InstanceOf<ModelTrackException>());
    }
}
