using System.Collections.ObjectModel;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Registry;

/// <summary>Logged models of MLflow 3, as a server has them; one before MLflow 3 has none.</summary>
[TestFixtureSource(typeof(ServersUnderTest), nameof(ServersUnderTest.Names))]
internal sealed class ServerLoggedModelTests(string server)
{
    private readonly HttpClient _http = new();

    [OneTimeTearDown]
    public void CloseClient() => _http.Dispose();

    [Test]
    public async Task A_version_is_made_of_a_runs_logged_model()
    {
        var experiment = await PostAsync("experiments/create", new { name = "logged-models-" + Guid.NewGuid().ToString("N") });
        var experimentId = experiment!.Value.GetProperty("experiment_id").GetString()!;
        var created = await PostAsync("runs/create", new { experiment_id = experimentId, start_time = 1_700_000_000_000 });
        var info = created!.Value.GetProperty("run").GetProperty("info");
        var run = new RunSnapshot { Id = info.GetProperty("run_id").GetString()!, ExperimentId = experimentId };
        var name = "logged-" + run.Id;
        var logged = await PostAsync("logged-models", new { experiment_id = experimentId, name, source_run_id = run.Id });
        using var backend = ServersUnderTest.Open(server);
        var models = new RestLoggedModels(new LoggedModelsApi(backend.Sender));
        var found = await models.FindOfRunAsync(run, name, default);
        if (logged is null)
        {
            Assert.That(found, Is.Null);
            return;
        }

        var expected = logged.Value.GetProperty("model").GetProperty("info");
        Assert.That(found! with { Name = "", ModelType = null, Tags = ReadOnlyDictionary<string, string>.Empty }, Is.EqualTo(new LoggedModelPlace(
            expected.GetProperty("model_id").GetString()!, expected.GetProperty("artifact_uri").GetString()!, run.Id)
        {
            Fault = "its files are on the way still",
        }));
        Assert.That((await models.FindAsync(found.ModelId, default))! with { Tags = found.Tags }, Is.EqualTo(found));
        Assert.That(await models.FindAsync("m-" + new string('0', 32), default), Is.Null);
        Assert.That(await models.FindOfRunAsync(run, "another", default), Is.Null);

        using var registry = new RestModelRegistry(backend.Sender);
        await registry.CreateModelAsync(name, null, new Dictionary<string, string>(), default);
        var version = await registry.CreateVersionAsync(
            new VersionCreation { Name = name, Source = $"models:/{found.ModelId}", RunId = run.Id, ModelId = found.ModelId }, default);
        Assert.That(version.ModelId, Is.EqualTo(found.ModelId));
        Assert.That(await registry.GetDownloadUriAsync(name, 1, default), Is.EqualTo(found.ArtifactUri));
    }

    private async Task<JsonElement?> PostAsync(string call, object body)
    {
        // With a length: MLflow 3 does not read bodies that come in chunks.
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri($"{ServersUnderTest.UriOf(server).TrimEnd('/')}/api/2.0/mlflow/{call}"), content);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : null;
    }
}
