using System.Text;
using ModelTrack.Client.Tests.Backends.Files;

namespace ModelTrack.Client.Tests.Registry;

/// <summary>What is made of <c>runs:/</c> URIs, in a folder store.</summary>
internal sealed class RegisterRunsModelTests
{
    private TempRegistry _registry = null!;
    private RegistryClient _client = null!;

    [SetUp]
    public void MakeStore()
    {
        _registry = new TempRegistry();
        _client = _registry.NewClient();
    }

    [TearDown]
    public void RemoveStore() => _registry.Dispose();

    [Test]
    public async Task A_model_among_a_runs_artifacts_is_registered_from_where_it_is()
    {
        var run = await _registry.Store.CreateRunAsync();
        await WriteAsync(run, "deep/model/MLmodel");
        AddLoggedModel(run, "m-1", "deep/model");
        foreach (var uri in new[] { $"runs:/{run.Id}/deep/model", $"runs:/{run.Id}/deep/model/" })
        {
            var version = await _client.RegisterModelAsync("cancer", uri);
            Assert.That(version.Source, Is.EqualTo(run.ArtifactUri + "/deep/model"));
            Assert.That(version.RunId, Is.EqualTo(run.Id));
            Assert.That(version.ModelId, Is.Null);
            Assert.That(await _client.GetDownloadUriAsync("cancer", version.Version), Is.EqualTo(version.Source));
        }

        Assert.That(_registry.Store.Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task A_model_may_be_all_of_a_runs_artifacts()
    {
        var run = await _registry.Store.CreateRunAsync();
        await WriteAsync(run, "MLmodel");
        Assert.That((await _client.RegisterModelAsync("cancer", $"runs:/{run.Id}")).Source, Is.EqualTo(run.ArtifactUri));
        Assert.That((await _client.RegisterModelAsync("cancer", $"runs:/{run.Id}/")).Source, Is.EqualTo(run.ArtifactUri));
    }

    [Test]
    public async Task A_logged_model_of_MLflow_3_is_found_by_the_runs_path()
    {
        var run = await _registry.Store.CreateRunAsync();
        var other = await _registry.Store.CreateRunAsync();
        AddLoggedModel(run, "m-1", "model", created: 1);
        AddLoggedModel(run, "m-2", "model", created: 2);
        AddLoggedModel(run, "m-3", "model", created: 3, isDeleted: true);
        AddLoggedModel(other, "m-4", "model", created: 4);
        AddLoggedModel(run, "m-5", "another", created: 5);
        var version = await _client.RegisterModelAsync("cancer", $"runs:/{run.Id}/model");
        Assert.That(version.Source, Is.EqualTo("models:/m-2"));
        Assert.That(version.ModelId, Is.EqualTo("m-2"));
        Assert.That(await _client.GetDownloadUriAsync("cancer", 1), Is.EqualTo("s3://bucket/m-2"));
    }

    [Test]
    public async Task A_path_with_nothing_at_it_is_registered_with_a_warning()
    {
        var run = await _registry.Store.CreateRunAsync();
        var version = await _client.RegisterModelAsync("cancer", $"runs:/{run.Id}/model");
        Assert.That(version.Source, Is.EqualTo(run.ArtifactUri + "/model"));
        Assert.That(_registry.Store.Log.Warnings.Single(), Does.Contain(run.Id).And.Contain("'model'"));
    }

    [Test]
    public async Task Nothing_is_created_when_the_source_is_not_there()
    {
        foreach (var uri in new[] { "runs:/0123456789abcdef0123456789abcdef/model", "models:/nothing/1", "models:/nothing@champion" })
        {
            var error = Assert.ThrowsAsync<ModelTrackException>(() => _client.RegisterModelAsync("cancer", uri));
            Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        }

        Assert.That(await _client.FindModelAsync("cancer"), Is.Null);
    }

    [Test]
    public async Task A_relative_path_is_stored_as_an_absolute_one()
    {
        Assert.That((await _client.RegisterModelAsync("cancer", "model")).Source, Is.EqualTo(Path.GetFullPath("model")));
        Assert.That((await _client.RegisterModelAsync("cancer", "file:///tmp/a b")).Source, Is.EqualTo("file:///tmp/a b"));
    }

    private async Task WriteAsync(RunSnapshot run, string path)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("flavors: {}\n"));
        await _registry.Store.Backend.WriteArtifactAsync(run.Id, path, content, default);
    }

    private void AddLoggedModel(RunSnapshot run, string id, string name, long created = 1, bool isDeleted = false)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_registry.Store.Root, run.ExperimentId, "models", id));
        File.WriteAllText(
            Path.Combine(folder.FullName, "meta.yaml"),
            $"""
             artifact_location: s3://bucket/{id}
             creation_timestamp: {created}
             experiment_id: '{run.ExperimentId}'
             lifecycle_stage: {(isDeleted ? "deleted" : "active")}
             model_id: {id}
             name: {name}
             source_run_id: {run.Id}
             status: 2

             """);
    }
}
