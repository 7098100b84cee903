using System.Diagnostics;
using System.Text.Json;

namespace ModelTrack.Client.Tests.Models;

/// <summary>
/// MLflow itself reads what is logged and registered here. Only where <c>MODELTRACK_TEST_PYTHON</c> names a Python that has MLflow (several are
/// separated by blanks); from a folder, and from the servers of <c>MODELTRACK_TEST_TRACKING_URI</c>.
/// </summary>
internal sealed class PythonModelTests
{
    private const string Script = """
        import json, os, sys
        import mlflow
        from mlflow.models import Model
        mlflow.set_tracking_uri(sys.argv[1])
        client = mlflow.MlflowClient()
        version = client.get_model_version_by_alias(sys.argv[2], "champion")
        path = mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{sys.argv[2]}@champion")
        model = Model.load(path)
        schema = lambda part: None if part is None else part.to_dict()
        example = model.load_input_example(path) if model.saved_input_example_info else None
        client.set_model_version_tag(sys.argv[2], str(version.version), "seen-by", "python")
        print("answer " + json.dumps({
            "version": int(version.version), "tags": dict(version.tags), "run": version.run_id,
            "flavors": sorted(model.flavors), "inputs": schema(model.signature and model.signature.inputs),
            "outputs": schema(model.signature and model.signature.outputs),
            "example": None if example is None else len(example), "files": sorted(os.listdir(path)),
        }))
        """;

    private ScratchFolder _scratch = null!;

    public static IEnumerable<TestCaseData> Cases =>
        from python in (Environment.GetEnvironmentVariable("MODELTRACK_TEST_PYTHON") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        from store in ServersUnderTest.Names.Where(name => name.StartsWith("http", StringComparison.Ordinal)).Prepend("a folder")
        from model in new[] { "onnx-linear", "onnx-linear/model.onnx", "pyfunc-columns", "pyfunc-tensors", "sklearn-logreg" }
        select new TestCaseData(python, store, model);

    [SetUp]
    public void MakeFolder() => _scratch = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _scratch.Dispose();

    [TestCaseSource(nameof(Cases))]
    public async Task MLflow_finds_and_loads_what_was_logged_and_we_see_what_it_changes(string python, string store, string model)
    {
        var uri = store == "a folder" ? _scratch["mlruns"] : store;
        using var tracker = new Tracker(
            new TrackerOptions
            {
                TrackingUri = uri,
                JournalDirectory = _scratch["journals"],
                ModelCacheDirectory = _scratch["cache"],
                CaptureContext = false,
            },
            StoreUnderTest.NoVariables);
        var name = "python-" + Guid.NewGuid().ToString("N");
        await using var run = await tracker.StartRunAsync(experiment: name);
        var info = await run.LogModelAsync(
            Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "models", model), "model", new LogModelOptions { RegisteredModelName = name });
        await tracker.Registry.SetAliasAsync(name, "champion", info.Version!.Value);
        var ours = await tracker.Models.DownloadAsync($"models:/{name}@champion");

        var answer = await AskAsync(python, uri, name);

        var manifest = ours.Manifest;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(answer.GetProperty("run").GetString(), Is.EqualTo(run.Id));
            Assert.That(answer.GetProperty("flavors").EnumerateArray().Select(flavor => flavor.GetString()), Is.EqualTo(manifest.Flavors.Keys.Order(StringComparer.Ordinal)));
            AssertSame(answer.GetProperty("inputs"), manifest.Signature?.Inputs);
            AssertSame(answer.GetProperty("outputs"), manifest.Signature?.Outputs);
            Assert.That(answer.GetProperty("example").ValueKind == JsonValueKind.Null, Is.EqualTo(manifest.SavedInputExample is null));
            Assert.That((await tracker.Registry.GetVersionAsync(name, 1)).Tags, Contains.Key("seen-by").WithValue("python"));
        }
    }

    private static void AssertSame(JsonElement theirs, ModelSchema? ours)
    {
        if (ours is null)
        {
            Assert.That(theirs.ValueKind, Is.EqualTo(JsonValueKind.Null));
            return;
        }

        var names = ours.Columns.Select(column => column.Name).Concat(ours.Tensors.Select(tensor => tensor.Name));
        Assert.That(
            theirs.EnumerateArray().Select(item => item.TryGetProperty("name", out var name) ? name.GetString() : null), Is.EqualTo(names));
    }

    private async Task<JsonElement> AskAsync(string python, string uri, string name)
    {
        var start = new ProcessStartInfo(python, ["-c", Script, uri, name])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory.CreateDirectory(_scratch["python"]).FullName,
        };
        start.Environment["MLFLOW_ALLOW_FILE_STORE"] = "true";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var line = output.Split('\n').SingleOrDefault(line => line.StartsWith("answer ", StringComparison.Ordinal));
        Assert.That(line, Is.Not.Null, output + await errors);
        return JsonDocument.Parse(line!["answer ".Length..]).RootElement;
    }
}
