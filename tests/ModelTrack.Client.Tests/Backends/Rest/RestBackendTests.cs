using System.Net;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Tests.Backends.Rest.Recording;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>What is a server's own; what all stores have in common is in the conformance tests.</summary>
[TestFixture]
internal sealed class RestBackendTests
{
    private const string NoSuchThing = """{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}""";
    private const string Taken = """{"error_code": "RESOURCE_ALREADY_EXISTS", "message": "taken"}""";
    private const string Page = "<!doctype html><title>404 Not Found</title>";

    private StubServer _server = null!;
    private RestBackend _backend = null!;

    [SetUp]
    public void OpenBackend() => _backend = (_server = new StubServer()).Backend();

    [TearDown]
    public void CloseBackend() => _backend.Dispose();

    [Test]
    public void It_says_what_it_is()
    {
        using var backend = new RestBackend(ServerConnection.For(
            new Uri("http://host:5000/mlflow"), new HttpClient(new StubServer()), TimeProvider.System));
        Assert.Multiple(() =>
        {
            Assert.That(backend.Destination, Is.EqualTo("http://host:5000/mlflow"));
            Assert.That(backend.IsRemote, Is.True);
            Assert.That(backend.KeysArePaths, Is.False);
            Assert.That(backend.UrlOf("1", "abc")?.AbsoluteUri, Is.EqualTo("http://host:5000/mlflow/#/experiments/1/runs/abc"));
            Assert.That(
                (backend.Limits.Metrics, backend.Limits.Params, backend.Limits.Tags, backend.Limits.Total), Is.EqualTo((1000, 100, 100, 1000)));
        });
    }

    [Test]
    public async Task A_run_is_read_with_all_that_a_server_tells()
    {
        using var backend = BackendOf("256-runs-get-full");
        var run = await backend.GetRunAsync("1e8015abc4344c45928485bbf4dad56e", default);
        Assert.Multiple(() =>
        {
            Assert.That(run.Id, Is.EqualTo("1e8015abc4344c45928485bbf4dad56e"));
            Assert.That((run.ExperimentId, run.Name, run.UserId), Is.EqualTo(("1", "run one finished", "alice")));
            Assert.That((run.Status, run.LifecycleStage), Is.EqualTo((RunStatus.Finished, LifecycleStage.Active)));
            Assert.That(run.StartTime, Is.EqualTo(DateTimeOffset.FromUnixTimeMilliseconds(1767225600000)));
            Assert.That(run.Duration, Is.EqualTo(TimeSpan.FromMinutes(1)));
            Assert.That(run.ArtifactUri, Is.EqualTo("mlflow-artifacts:/1/1e8015abc4344c45928485bbf4dad56e/artifacts"));
            Assert.That(run.Params["uni"], Is.EqualTo("naïve 日本語 🚀\n\"q\"\ttab"));
            Assert.That(run.Params["empty"], Is.Empty);
            Assert.That(run.Metrics["acc"], Is.EqualTo(new MetricPoint(2.4000000000000004, 24, 1767225600024)));
            Assert.That(run.Metrics["maxstep"].Step, Is.EqualTo(long.MaxValue));
            Assert.That(run.Metrics["third"].Step, Is.EqualTo(9007199254740993));
            Assert.That(run.Tags["mlflow.source.name"], Is.EqualTo("train.cs"));
            Assert.That(run.DatasetInputs[0], Is.EqualTo(new DatasetInput(
                "train-ds",
                "d142f72c",
                "http",
                "{\"url\": \"https://data.invalid/train.csv\"}",
                "{\"mlflow_colspec\": []}",
                "{\"num_rows\": 3}",
                run.DatasetInputs[0].Tags)));
            Assert.That(run.DatasetInputs.Select(d => d.Context), Is.EqualTo(new[] { "training", null }));
            Assert.That(run.ModelInputs, Is.EqualTo(new[] { "m-a57f6c54c90245bf8cd3e79315e3308a" }));
            Assert.That(run.ModelOutputs, Is.EqualTo(new[] { new ModelOutput("m-a57f6c54c90245bf8cd3e79315e3308a", 3) }));
        });
    }

    [Test]
    public async Task Special_values_come_through()
    {
        using var backend = BackendOf("152-metrics-get-history-special");
        var points = new List<MetricPoint>();
        await foreach (var point in backend.GetMetricHistoryAsync("run", "special", default))
        {
            points.Add(point);
        }

        double[] asADatabaseKeepsThem = [double.NaN, double.MaxValue, double.MinValue];
        Assert.That(points.Select(p => p.Value), Is.EqualTo(asADatabaseKeepsThem));
    }

    [Test]
    public async Task A_negative_zero_is_sent_with_its_point_because_the_integer_has_no_sign()
    {
        var batch = new RunBatch { RunId = "r", ExperimentId = "1" };
        batch.Metrics.Add(new MetricRecord(0, "m", new MetricPoint(-0.0, 2, 3)));
        batch.Metrics.Add(new MetricRecord(0, "m", new MetricPoint(0.0, 3, 3)));
        _server.Answers(404).Answers(404).Answers(200);

        await _backend.LogBatchAsync(batch, default);

        Assert.That(_server.Requests[^1], Does.EndWith(
            """[{"key":"m","value":-0.0,"timestamp":3,"step":2},{"key":"m","value":0.0,"timestamp":3,"step":3}]}"""));
    }

    [Test]
    public async Task Another_server_may_send_numbers_as_texts_and_states_as_numbers()
    {
        _server.Answers(200, """
            {"run": {"info": {"run_uuid": "a", "experiment_id": "1", "status": 4, "new": {},
            "start_time": "1767225600000", "end_time": "1767225601000"},
            "data": {"metrics": [{"key": "m", "value": "-Infinity", "timestamp": "5", "step": "-3"},
            {"key": "m", "value": 1, "timestamp": 5, "step": -4}],
            "tags": [{"key": "mlflow.user", "value": "me"}, {"key": "mlflow.runName", "value": "by tag"}]}}}
            """);
        var run = await _backend.GetRunAsync("a", default);
        Assert.That((run.Id, run.Name, run.UserId), Is.EqualTo(("a", "by tag", "me")));
        Assert.That((run.Status, run.Duration), Is.EqualTo((RunStatus.Failed, TimeSpan.FromSeconds(1))));
        Assert.That(run.Metrics["m"], Is.EqualTo(new MetricPoint(double.NegativeInfinity, -3, 5)));
    }

    [TestCase("RUNNING", RunStatus.Running)]
    [TestCase("PAUSED", RunStatus.Running)]
    [TestCase("SCHEDULED", RunStatus.Scheduled)]
    public async Task A_run_that_is_not_over_has_no_end_whatever_a_server_remembers(string status, RunStatus expected)
    {
        _server.Answers(200, $$"""{"run": {"info": {"run_id": "a", "end_time": 1767225660000, "status": "{{status}}" } } }""");
        var run = await _backend.GetRunAsync("a", default);
        Assert.That((run.Status, run.EndTime), Is.EqualTo((expected, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_run_is_created_with_all_that_is_known_of_it()
    {
        _server.Answers(200, """{"run": {"info": {"run_id": "a", "experiment_id": "1", "status": "RUNNING"}}}""");
        await _backend.CreateRunAsync(
            new RunCreation
            {
                RunId = "not sent",
                ExperimentId = "1",
                Name = "n",
                StartTime = DateTimeOffset.FromUnixTimeMilliseconds(5),
                UserId = "me",
                Tags = new Dictionary<string, string> { ["mlflow.user"] = "me" },
            },
            default);
        Assert.That(_server.Requests, Is.EqualTo(new[]
        {
            "POST http://stub.test:5000/api/2.0/mlflow/runs/create "
            + """{"experiment_id":"1","start_time":5,"run_name":"n","user_id":"me","tags":[{"key":"mlflow.user","value":"me"}]}""",
        }));
    }

    [Test]
    public async Task Nothing_is_created_twice()
    {
        _server.Answers(502);
        var run = _backend.CreateRunAsync(new RunCreation { ExperimentId = "1", StartTime = default(DateTimeOffset) }, default).AsTask();
        Assert.That((await _server.FailureAsync(run)).MayBeApplied, Is.True);
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_experiment_whose_creation_got_no_answer_is_looked_up()
    {
        _server.Fails(new IOException("reset")).Answers(200, ExperimentOf(_server.Clock.GetUtcNow(), "a"));
        var made = await _server.RunAsync(CreateAsync());
        Assert.That(made.Id, Is.EqualTo("7"));
        Assert.That(_server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task An_experiment_whose_creation_got_no_answer_is_made_once_more_when_it_is_not_there()
    {
        _server.Answers(502).Answers(404, NoSuchThing).Answers(404, NoSuchThing)
            .Answers(200, """{"experiment_id": "7"}""").Answers(200, ExperimentOf(_server.Clock.GetUtcNow(), "a"));
        Assert.That((await _server.RunAsync(CreateAsync())).Id, Is.EqualTo("7"));
    }

    [Test]
    public async Task An_experiment_that_a_late_first_try_made_is_ours()
    {
        _server.Answers(502).Answers(404, NoSuchThing).Answers(404, NoSuchThing)
            .Answers(400, Taken).Answers(200, ExperimentOf(_server.Clock.GetUtcNow(), "a"));
        Assert.That((await _server.RunAsync(CreateAsync())).Id, Is.EqualTo("7"));
    }

    [TestCase(60, "a")]
    [TestCase(0, "b")]
    public async Task An_experiment_from_before_or_with_other_tags_is_not_ours_when_a_creation_got_no_answer(int minutesBefore, string team)
    {
        var other = ExperimentOf(_server.Clock.GetUtcNow() - TimeSpan.FromMinutes(minutesBefore), team);
        _server.Answers(502).Answers(200, other).Answers(200, other).Answers(400, Taken).Answers(200, other);
        Assert.That((await _server.FailureAsync(CreateAsync())).ErrorCode, Is.EqualTo(ErrorCode.ResourceAlreadyExists));
    }

    [Test]
    public async Task An_experiment_that_is_there_when_a_creation_got_its_answer_is_not_looked_at()
    {
        _server.Answers(400, Taken);
        Assert.That((await _server.FailureAsync(CreateAsync())).ErrorCode, Is.EqualTo(ErrorCode.ResourceAlreadyExists));
    }

    [Test]
    public async Task An_answer_without_what_was_asked_for_is_no_answer()
    {
        _server.Answers(200).Answers(200);
        for (var tried = 0; tried < 3; tried++)
        {
            _server.Answers(200).Answers(404, NoSuchThing).Answers(404, NoSuchThing);
        }

        Assert.That((await _server.FailureAsync(_backend.GetRunAsync("a", default).AsTask())).IsTransient, Is.True);
        Assert.That((await _server.FailureAsync(_backend.GetExperimentAsync("1", default).AsTask())).IsTransient, Is.True);
        Assert.That((await _server.FailureAsync(_backend.CreateExperimentAsync("a", null, null, default).AsTask())).Message, Does.Contain("experiment_id"));
    }

    [Test]
    public async Task An_experiment_is_not_there_only_when_the_server_says_so()
    {
        _server.Answers(404, NoSuchThing).Answers(404, Page);
        Assert.That(await _backend.FindExperimentAsync("a", default), Is.Null);
        var error = await _server.FailureAsync(_backend.FindExperimentAsync("a", default).AsTask());
        Assert.That(error.ErrorCode, Is.EqualTo(ErrorCode.EndpointNotFound));
    }

    [Test]
    public async Task A_rename_to_the_name_that_it_has_is_done()
    {
        _server.Answers(400, """{"error_code": "RESOURCE_ALREADY_EXISTS", "message": "taken"}""")
            .Answers(200, """{"experiment": {"experiment_id": "1", "name": "new"}}""");
        await _backend.RenameExperimentAsync("1", "new", default);
        _server.Answers(400, """{"error_code": "RESOURCE_ALREADY_EXISTS", "message": "taken"}""")
            .Answers(200, """{"experiment": {"experiment_id": "1", "name": "old"}}""");
        var error = Assert.ThrowsAsync<ModelTrackException>(() => _backend.RenameExperimentAsync("1", "new", default).AsTask());
        Assert.That(error!.Message, Does.Contain("taken"));
    }

    [Test]
    public async Task What_an_unclear_try_has_removed_is_removed()
    {
        _server.Answers(502).Answers(404, NoSuchThing);
        await _server.RunAsync(Done(_backend.DeleteExperimentAsync("1", default)));
        _server.Answers(502).Answers(404, NoSuchThing);
        await _server.RunAsync(Done(_backend.DeleteRunTagAsync("a", "k", default)));
        _server.Answers(404, NoSuchThing);
        Assert.That(
            (await _server.FailureAsync(Done(_backend.DeleteRunTagAsync("a", "k", default)))).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_server_that_cannot_delete_an_experiments_tag_gets_an_empty_one()
    {
        const string Tagged = """{"experiment": {"experiment_id": "1", "tags": [{"key": "k", "value": "v"}, {"key": "gone", "value": ""}]}}""";
        _server.Answers(404, Page).Answers(200, Tagged).Answers(200);
        await _backend.DeleteExperimentTagAsync("1", "k", default);
        Assert.That(_server.Requests[^1], Does.EndWith("""set-experiment-tag {"experiment_id":"1","key":"k","value":""}"""));
        foreach (var key in new[] { "gone", "none" })
        {
            _server.Answers(404, Page).Answers(200, Tagged);
            var error = Assert.ThrowsAsync<ModelTrackException>(() => _backend.DeleteExperimentTagAsync("1", key, default).AsTask());
            Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        }
    }

    [Test]
    public async Task A_history_comes_page_by_page_with_the_size_that_mlflow_asks_for()
    {
        _server.Answers(200, """{"metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 0}], "next_page_token": "t1"}""")
            .Answers(200, """{"metrics": [{"key": "m", "value": 2, "timestamp": 1, "step": 1}], "next_page_token": "t1"}""");
        Assert.That((await HistoryAsync()).Select(p => p.Value), Is.EqualTo(new[] { 1.0, 2.0 }), "a token that does not move on is the end");
        Assert.That(_server.Requests, Is.EqualTo(new[]
        {
            "GET http://stub.test:5000/api/2.0/mlflow/metrics/get-history?run_id=a&metric_key=m&max_results=25000",
            "GET http://stub.test:5000/api/2.0/mlflow/metrics/get-history?run_id=a&metric_key=m&max_results=25000&page_token=t1",
        }));
    }

    [Test]
    public async Task An_empty_history_is_of_a_run_that_exists()
    {
        _server.Answers(200).Answers(200, """{"run": {"info": {"run_id": "a"}}}""");
        Assert.That(await HistoryAsync(), Is.Empty);
        _server.Answers(200).Answers(404, NoSuchThing);
        Assert.That(
            Assert.ThrowsAsync<ModelTrackException>(() => HistoryAsync())!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
    }

    private const string RunWithArtifacts = """
        {"run": {"info": {"run_id": "run", "experiment_id": "1", "artifact_uri": "mlflow-artifacts:/1/run/artifacts", "status": "RUNNING"}}}
        """;

    [Test]
    public async Task A_folder_of_artifacts_is_listed_over_all_pages_without_itself()
    {
        _server
            .Answers(200, RunWithArtifacts)
            .Answers(200, """{"files": [{"path": "d/b", "file_size": "7"}, {"path": "d/c", "is_dir": true}], "next_page_token": "t"}""")
            .Answers(200, """{"files": [{"path": "d/a", "is_dir": false}]}""")
            .Answers(200, """{"files": [{"path": "d/a", "is_dir": false, "file_size": 1}]}""");
        Assert.That(await _backend.ListArtifactsAsync("run", "d", default), Is.EqualTo(new[]
        {
            new ArtifactInfo("d/a", false, 0), new ArtifactInfo("d/b", false, 7), new ArtifactInfo("d/c", true, null),
        }));
        Assert.That(await _backend.ListArtifactsAsync("run", "d/a", default), Is.Empty, "a file has no entries");
    }

    private static RestBackend BackendOf(string recording) => new(ServerConnection.For(
        StubServer.Address, new HttpClient(new RecordedServer(RecordedExchange.Named(recording))), TimeProvider.System));

    private async Task<List<MetricPoint>> HistoryAsync()
    {
        var points = new List<MetricPoint>();
        await foreach (var point in _backend.GetMetricHistoryAsync("a", "m", default))
        {
            points.Add(point);
        }

        return points;
    }

    private static async Task<bool> Done(ValueTask task)
    {
        await task;
        return true;
    }

    private static string ExperimentOf(DateTimeOffset made, string team) => $$$"""
        {"experiment": {"experiment_id": "7", "name": "a", "lifecycle_stage": "active", "creation_time": {{{made.ToUnixTimeMilliseconds()}}},
        "tags": [{"key": "team", "value": "{{{team}}}"}]}}
        """;

    private Task<Experiment> CreateAsync()
        => _backend.CreateExperimentAsync("a", null, new Dictionary<string, string> { ["team"] = "a" }, default).AsTask();

    /// <summary>Between two tries somebody may go on with the run, and end it: the second would make FAILED of FINISHED.</summary>
    [TestCase(503)]
    [TestCase(429)]
    [TestCase(500)]
    public void A_run_is_closed_by_one_look_and_one_try(int status)
    {
        _server.Answers(200, """
            {"run": {"info": {"run_id": "r", "experiment_id": "1", "status": "RUNNING", "start_time": 1, "lifecycle_stage": "active"},
             "data": {"tags": [{"key": "modeltrack.session", "value": "s"}]}}}
            """);
        _server.Answers(status).Answers(200);

        Assert.That(
            async () => await _server.RunAsync(_backend.CloseRunAsync("r", "s", RunStatus.Failed, DateTimeOffset.UnixEpoch, default).AsTask()),
            Throws.TypeOf<ModelTrackException>());
        Assert.That(_server.Requests, Has.Count.EqualTo(2));
    }
}
