using System.Net.Http.Json;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>Logged models go from one MLflow 3 to another with all that was logged of them.</summary>
internal sealed class LoggedModelSyncTests
{
    private static readonly LogModelOptions Plain = new() { Flavors = { ["plain"] = ModelValue.Map(("data", "weights")) } };

    private readonly HttpClient _http = new();
    private SyncStand _stand = null!;
    private FakeServer _sourceServer = null!;
    private FakeServer _targetServer = null!;
    private Tracker _source = null!;
    private Tracker _target = null!;

    [SetUp]
    public async Task MakeStand()
    {
        _stand = new SyncStand();
        _sourceServer = await FakeServer.StartAsync(new FakeServerOptions());
        _targetServer = await FakeServer.StartAsync(new FakeServerOptions());
        _source = _stand.Open(_sourceServer.Url.AbsoluteUri);
        _target = _stand.Open(_targetServer.Url.AbsoluteUri);
    }

    [TearDown]
    public async Task RemoveStand()
    {
        _source.Dispose();
        _target.Dispose();
        _stand.Dispose();
        await _sourceServer.DisposeAsync();
        await _targetServer.DisposeAsync();
    }

    [OneTimeTearDown]
    public void RemoveClient() => _http.Dispose();

    private async Task SendAsync(HttpMethod method, string route, object body)
    {
        using var request = new HttpRequestMessage(method, new Uri(_sourceServer.Url, "api/2.0/mlflow/" + route));
        request.Content = JsonContent.Create(body);
        using var answer = await _http.SendAsync(request);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A run that made a model, and another one that measured and used it.</summary>
    private async Task<string> LogModelAsync()
    {
        _stand.Scratch.Write("forest/weights", "1 2 3");
        using var run = _source.StartRun("training", "trees");
        run.LogParam("trees", 100).LogMetric("loss", 0.25, 3);
        var info = await run.LogModelAsync(_stand.Scratch["forest"], "forest", Plain with { ModelType = "classifier", Step = 3 });
        await run.EndAsync();
        using var measuring = _source.StartRun("measuring", "trees");
        measuring.LogMetric("accuracy", 0.5, 7, DateTimeOffset.UnixEpoch.AddDays(1));
        await measuring.EndAsync();
        var id = info.ModelId!;
        await SendAsync(
            HttpMethod.Post, $"logged-models/{id}/params", new { model_id = id, @params = new[] { new { key = "depth", value = "7" } } });
        await SendAsync(HttpMethod.Patch, $"logged-models/{id}/tags", new { tags = new[] { new { key = "reviewed", value = "yes" } } });
        await SendAsync(HttpMethod.Post, "runs/log-metric", new
        {
            run_id = measuring.Id,
            key = "accuracy",
            value = 0.5,
            timestamp = 86_400_000,
            step = 7,
            model_id = id,
            dataset_name = "test",
            dataset_digest = "d1",
        });
        await SendAsync(HttpMethod.Post, "runs/log-inputs", new { run_id = measuring.Id, models = new[] { new { model_id = id } } });
        return id;
    }

    private FakeLoggedModel Copy => _targetServer.State.LoggedModels.Single();

    private static IEnumerable<string> Texts(FakeLoggedModel model, FakeServer server) =>
    [
        $"{model.Name} {model.ModelType} {model.Status} {server.State.GetRun(model.SourceRunId).Name}",
        .. model.Params.Select(param => $"param {param.Key} = {param.Value}").Order(StringComparer.Ordinal),
        .. model.Tags.Where(tag => tag.Key != "modeltrack.model").Select(tag => $"tag {tag.Key} = {tag.Value}")
            .Order(StringComparer.Ordinal),
        .. model.Metrics.Select(m => $"{server.State.GetRun(m.RunId).Name} {m.Key} {m.Point} {m.DatasetName} {m.DatasetDigest}")
            .Order(StringComparer.Ordinal),
        .. server.State.Runs.Where(run => run.ModelInputs.Contains(model.Id)).Select(run => "used by " + run.Name),
        .. server.State.Runs.SelectMany(run => run.ModelOutputs).Where(output => output.ModelId == model.Id)
            .Select(output => $"at {output.Step}"),
    ];

    [Test]
    public async Task Params_tags_points_and_uses_of_a_model_arrive_and_a_second_call_sends_nothing()
    {
        var id = await LogModelAsync();
        var dry = await _target.SyncFromAsync(_source, new SyncOptions { DryRun = true });
        var first = await _target.SyncFromAsync(_source);
        _targetServer.ClearRequests();
        var second = await _target.SyncFromAsync(_source);

        var original = _sourceServer.State.LoggedModels.Single();
        Assert.That(original.Metrics, Has.Count.EqualTo(2));
        Assert.That(Texts(Copy, _targetServer), Is.EqualTo(Texts(original, _sourceServer)));
        var item = first.Items.Single(item => item.Kind == SyncItemKind.LoggedModel);
        Assert.That((item.Name, item.SourceId, item.TargetId), Is.EqualTo(("forest", id, Copy.Id)));
        Assert.That(item.Copied.MetricPoints, Is.EqualTo(2));
        Assert.That(dry.Copied.LoggedModels, Is.EqualTo(1));
        Assert.That(second.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(
            _targetServer.Requests.Where(r => r.Method != "GET" && !r.Target.Contains("/search", StringComparison.Ordinal)), Is.Empty);
        Assert.That(_targetServer.State.Runs.Sum(run => run.MetricKeys.Sum(key => run.GetHistory(key).Count)), Is.EqualTo(2));
    }

    [Test]
    public async Task What_was_logged_of_a_model_later_follows_it_and_what_differs_stays()
    {
        var id = await LogModelAsync();
        await _target.SyncFromAsync(_source);
        await SendAsync(HttpMethod.Patch, $"logged-models/{id}/tags", new
        {
            tags = new[] { new { key = "reviewed", value = "no" }, new { key = "late", value = "x" } },
        });

        var report = await _target.SyncFromAsync(_source);

        var item = report.Items.Single(item => item.Kind == SyncItemKind.LoggedModel);
        Assert.That(item.Outcome, Is.EqualTo(SyncOutcome.Conflict));
        Assert.That(item.Conflicts.Single(), Does.Contain("reviewed"));
        Assert.That(item.Copied, Is.EqualTo(new SyncCounts { Tags = 1 }));
        Assert.That((Copy.Tags["reviewed"], Copy.Tags["late"]), Is.EqualTo(("yes", "x")));
    }

    [Test]
    public async Task A_point_that_is_no_number_is_never_stored_a_second_time_as_another()
    {
        var id = await LogModelAsync();
        using (var run = _source.StartRun("diverged", "trees"))
        {
            await run.GetIdAsync();
            await SendAsync(HttpMethod.Post, "runs/log-metric", new
            {
                run_id = run.Id,
                key = "loss",
                value = "NaN",
                timestamp = 5,
                step = 1,
                model_id = id,
            });
        }

        var report = await _target.SyncFromAsync(_source);

        var copy = _targetServer.State.Runs.Single(run => run.Name == "diverged");
        Assert.That(copy.GetHistory("loss").Select(point => point.Value), Is.EqualTo([double.NaN]));
        Assert.That(report.Items.Single(item => item.Kind == SyncItemKind.LoggedModel).Conflicts.Single(), Does.Contain("NaN"));
    }

    [TestCase(StoreSemantics.Sql, "2.17.0")]
    [TestCase(StoreSemantics.FileStore, "3.11.1")]
    public async Task A_lesser_server_gets_of_it_what_it_can_keep(StoreSemantics semantics, string version)
    {
        await LogModelAsync();
        await using var lesser = await FakeServer.StartAsync(new FakeServerOptions { Semantics = semantics, Version = version });
        var target = _stand.Open(lesser.Url.AbsoluteUri);

        var first = await target.SyncFromAsync(_source);
        var second = await target.SyncFromAsync(_source);

        Assert.That(first.IsComplete, string.Join(" ", first.Items.SelectMany(item => item.Conflicts.Append(item.Failure))));
        Assert.That(second.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        var training = lesser.State.Runs.Single(run => run.Name == "training");
        Assert.That(training.GetHistory("loss"), Has.Count.EqualTo(1));
        if (version == "2.17.0")
        {
            var files = await target.Runs.ListArtifactsAsync(training.Id, "forest");
            Assert.That(files.Select(file => file.Path), Is.EquivalentTo(["forest/MLmodel", "forest/weights"]));
        }
        else
        {
            var copy = lesser.State.LoggedModels.Single();
            Assert.That((copy.Params["depth"], copy.Tags["reviewed"], copy.Metrics.Count), Is.EqualTo(("7", "yes", 0)));
        }
    }

    [Test]
    public async Task What_MLflow_logged_of_a_model_in_a_folder_goes_to_a_server()
    {
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions { DownloadsNonAsciiNames = true });
        var server = _stand.Open(fake.Url.AbsoluteUri);

        await server.SyncFromAsync(_stand.OpenFixture());

        var model = fake.State.LoggedModels.Single();
        Assert.That(model.Params["alpha"], Is.Not.Empty);
        Assert.That(model.Tags.Keys, Is.SupersetOf(["kind", "reviewed"]));
        var metric = model.Metrics.Single();
        Assert.That((metric.Key, metric.Point.Step, metric.DatasetName), Is.EqualTo(("val_rmse", 3L, "train-ds")));
    }
}
