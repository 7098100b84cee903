using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Models;

/// <summary>Logged models of MLflow 3, which are not among a run's artifacts.</summary>
internal sealed class LoggedModelDownloadTests
{
    private readonly HttpClient _http = new();
    private ScratchFolder _scratch = null!;

    [SetUp]
    public void MakeFolder() => _scratch = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _scratch.Dispose();

    [OneTimeTearDown]
    public void CloseClient() => _http.Dispose();

    private Tracker Open(string uri) => new(
        new TrackerOptions
        {
            TrackingUri = uri,
            JournalDirectory = _scratch["journals"],
            ModelCacheDirectory = _scratch["cache"],
            CaptureContext = false,
        },
        StoreUnderTest.NoVariables);

    [Test]
    public async Task A_server_has_them_by_id_and_by_the_runs_path()
    {
        await using var server = await FakeServer.StartAsync();
        using var tracker = Open(server.Url.AbsoluteUri);
        await using var run = await tracker.StartRunAsync();
        run.LogText("model/MLmodel", "model_uuid: of-run\n").LogText("model/notes.txt", "of the run");
        await tracker.FlushAsync();
        var experiment = (await tracker.Runs.GetAsync(run.Id)).ExperimentId;
        var info = (await SendAsync(server, HttpMethod.Post, "api/2.0/mlflow/logged-models", new { experiment_id = experiment, name = "model", source_run_id = run.Id }))
            .GetProperty("model").GetProperty("info");
        var id = info.GetProperty("model_id").GetString()!;
        var artifacts = "api/2.0/mlflow-artifacts/artifacts/" + info.GetProperty("artifact_uri").GetString()!["mlflow-artifacts:/".Length..];
        await PutAsync(server, artifacts + "/MLmodel", "model_uuid: of-model\n");
        await PutAsync(server, artifacts + "/sub/weights", "w");

        foreach (var uri in new[] { $"models:/{id}", $"runs:/{run.Id}/model" })
        {
            var error = Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync(uri));
            Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.InvalidState));
            Assert.That(error.Message, Does.Contain(id).And.Contain("on the way"));
        }

        await SendAsync(server, HttpMethod.Patch, "api/2.0/mlflow/logged-models/" + id, new { model_id = id, status = "LOGGED_MODEL_READY" });
        var byId = await tracker.Models.DownloadAsync($"models:/{id}");
        var part = await tracker.Models.DownloadAsync($"models:/{id}/sub/weights");
        var byRun = await tracker.Models.DownloadAsync($"runs:/{run.Id}/model");
        var version = await tracker.Registry.RegisterModelAsync("cancer", $"models:/{id}");
        var byVersion = await tracker.Models.DownloadAsync("models:/cancer/1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((byId.ModelId, byId.RunId, byId.Manifest.ModelUuid), Is.EqualTo((id, run.Id, "of-model")));
            Assert.That(Files(byId), Is.EquivalentTo(["MLmodel", "sub/weights"]));
            Assert.That(File.ReadAllText(part.Path), Is.EqualTo("w"));
            Assert.That((byRun.ModelId, byRun.Manifest.ModelUuid), Is.EqualTo((id, "of-model")));
            Assert.That(Files(byRun), Is.EquivalentTo(["MLmodel", "notes.txt", "sub/weights"]));
            Assert.That(version.Version, Is.EqualTo(1));
            Assert.That(byVersion.Manifest.ModelUuid, Is.EqualTo("of-model"));
            Assert.That(Files(byVersion), Is.EquivalentTo(["MLmodel", "registered_model_meta", "sub/weights"]));
        }

        server.ClearRequests();
        await tracker.Models.DownloadAsync("models:/cancer/1", cacheOnly: true);
        Assert.That(server.Requests, Is.Empty);
    }

    [Test]
    public async Task A_folder_has_them_by_id_and_by_the_runs_path()
    {
        using var tracker = Open(_scratch["mlruns"]);
        await using var run = await tracker.StartRunAsync();
        var experiment = (await tracker.Runs.GetAsync(run.Id)).ExperimentId;
        var folder = $"mlruns/{experiment}/models/m-1";
        _scratch.Write($"{folder}/artifacts/MLmodel", "model_id: m-1\n");
        _scratch.Write($"{folder}/artifacts/sub/weights", "w");
        WriteMeta(1);
        Assert.That(Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync("models:/m-1"))!.Message, Does.Contain("on the way"));
        WriteMeta(3);
        Assert.That(
            Assert.ThrowsAsync<ModelTrackException>(() => tracker.Models.DownloadAsync($"runs:/{run.Id}/model"))!.Message, Does.Contain("could not be stored"));
        WriteMeta(2);
        foreach (var uri in new[] { "models:/m-1", $"runs:/{run.Id}/model" })
        {
            var model = await tracker.Models.DownloadAsync(uri);
            Assert.That((model.ModelId, model.RunId), Is.EqualTo(("m-1", run.Id)));
            Assert.That(Files(model), Is.EquivalentTo(["MLmodel", "sub/weights"]));
        }

        await tracker.Registry.RegisterModelAsync("cancer", $"runs:/{run.Id}/model");
        Assert.That((await tracker.Models.DownloadAsync("models:/cancer/latest")).ModelId, Is.EqualTo("m-1"));

        void WriteMeta(int status) => _scratch.Write(
            $"{folder}/meta.yaml",
            $"""
             artifact_location: {_scratch[folder]}/artifacts
             creation_timestamp: 1
             experiment_id: '{experiment}'
             model_id: m-1
             name: model
             source_run_id: {run.Id}
             status: {status}

             """);
    }

    private static IEnumerable<string> Files(LocalModel model)
        => Directory.EnumerateFiles(model.Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(model.Folder, file).Replace('\\', '/'));

    private async Task<JsonElement> SendAsync(FakeServer server, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Url, path))
        {
            Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        using var answer = await _http.SendAsync(request);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task PutAsync(FakeServer server, string path, string text)
    {
        using var content = new StringContent(text);
        using var answer = await _http.PutAsync(new Uri(server.Url, path), content);
        answer.EnsureSuccessStatusCode();
    }
}
