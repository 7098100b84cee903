namespace ModelTrack.Client.Tests.Models;

/// <summary>What is refused at the call, and models on their way from one process to the next.</summary>
internal sealed class LogModelTests
{
    private StoreUnderTest _store = null!;
    private Tracker _tracker = null!;
    private Run _run = null!;

    private static LogModelOptions Plain => new() { Flavors = { ["plain"] = ModelValue.Map(("data", "model.bin")) } };

    [SetUp]
    public void StartRun()
    {
        _store = new StoreUnderTest(StoreKind.Folder);
        _tracker = _store.Open();
        _run = _tracker.StartRun();
        File.WriteAllText(_store.Scratch["model.bin"], "weights");
    }

    [TearDown]
    public void EndRun()
    {
        _run.Dispose();
        _tracker.Dispose();
        _store.Dispose();
    }

    private void AssertNothingIsStored()
        => Assert.That(Directory.GetFileSystemEntries(Directory.GetDirectories(_store.Folder, "artifacts", SearchOption.AllDirectories).Single()), Is.Empty);

    [TestCase("a/b", "/")]
    [TestCase("a.b", ".")]
    [TestCase("50%", "%")]
    [TestCase("", "")]
    [TestCase("c:", ":")]
    public void A_name_that_MLflow_does_not_take_is_refused(string name, string said)
    {
        Assert.That(() => _run.LogModel(_store.Scratch["model.bin"], name, Plain), Throws.ArgumentException.With.Message.Contains(said));
        AssertNothingIsStored();
    }

    [Test]
    public void A_model_that_nobody_could_load_is_refused()
    {
        Assert.That(
            () => _run.LogModel(_store.Scratch["model.bin"]), Throws.ArgumentException.With.Message.Contains("needs a flavor"));
        AssertNothingIsStored();
    }

    [Test]
    public void A_flavor_whose_data_are_missing_is_refused()
    {
        var options = new LogModelOptions { Flavors = { ["plain"] = ModelValue.Map(("data", "weights.bin")) } };
        Assert.That(
            () => _run.LogModel(_store.Scratch["model.bin"], options: options),
            Throws.ArgumentException.With.Message.Contains("\"plain\"").And.Message.Contains("\"weights.bin\""));
        AssertNothingIsStored();
    }

    [Test]
    public void A_file_that_is_not_there_is_named()
        => Assert.That(() => _run.LogModel("nowhere.zip"), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("nowhere.zip"));

    [Test]
    public void A_damaged_ONNX_file_is_refused()
    {
        File.WriteAllText(_store.Scratch["broken.onnx"], "no protobuf at all");
        Assert.That(() => _run.LogModel(_store.Scratch["broken.onnx"]), Throws.InstanceOf<InvalidDataException>());
        AssertNothingIsStored();
    }

    [Test]
    public void A_damaged_manifest_is_refused()
    {
        var folder = Directory.CreateDirectory(_store.Scratch["folder"]).FullName;
        File.WriteAllText(Path.Combine(folder, "MLmodel"), "flavors: !!python/object:os.system {}");
        Assert.That(() => _run.LogModel(folder), Throws.InstanceOf<InvalidDataException>());
        AssertNothingIsStored();
    }

    [Test]
    public void Code_that_fails_stores_nothing_and_its_exception_comes_through()
    {
        Assert.That(
            () => _run.LogModel(_ => throw new InvalidOperationException("no weights"), options: Plain),
            Throws.InvalidOperationException.With.Message.EqualTo("no weights"));
        AssertNothingIsStored();
        Assert.That(Directory.GetDirectories(Path.GetTempPath(), "modeltrack-model-*").Where(IsOurs), Is.Empty);

        static bool IsOurs(string folder) => Directory.GetFileSystemEntries(folder).Length == 0;
    }

    [Test]
    public void A_run_that_has_ended_takes_no_model()
    {
        _run.End();
        Assert.That(() => _run.LogModel(_store.Scratch["model.bin"], options: Plain), Throws.InvalidOperationException);
    }

    [Test]
    public async Task A_disabled_tracker_takes_it_and_stores_nothing()
    {
        using var run = Tracker.Disabled.StartRun();
        run.LogModel("nowhere.zip");
        var info = await run.LogModelAsync(_ => Assert.Fail("It is not written."));
        Assert.That((info.ModelId, info.Version, info.RunId), Is.EqualTo(((string?)null, (int?)null, "")));
    }

    [Test]
    public async Task The_history_of_models_names_each_once()
    {
        _run.LogModel(_store.Scratch["model.bin"], "a", Plain).LogModel(_store.Scratch["model.bin"], "b", Plain);
        var history = (await _tracker.Runs.GetAsync(_run.Id)).Tags["mlflow.log-model.history"];
        using var json = System.Text.Json.JsonDocument.Parse(history);
        Assert.That(
            json.RootElement.EnumerateArray().Select(entry => (entry.GetProperty("artifact_path").GetString(), entry.GetProperty("run_id").GetString())),
            Is.EqualTo(new[] { ("a", _run.Id), ("b", _run.Id) }));
        Assert.That(json.RootElement[0].TryGetProperty("flavors", out _) && json.RootElement[0].TryGetProperty("utc_time_created", out _));
    }
}
