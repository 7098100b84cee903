using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>Where a file store differs from a database; all of it was seen at MLflow 3.11 with a file store behind it.</summary>
internal sealed class FileStoreSemanticsTests
{
    private FakeServer _server = null!;
    private RawClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await FakeServer.StartAsync(new FakeServerOptions { Semantics = StoreSemantics.FileStore });
        _client = new RawClient(_server);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Experiments_get_ids_of_eighteen_digits()
    {
        var answer = await _client.PostOkAsync("/experiments/create", """{"name": "e"}""");

        Assert.That(answer.GetProperty("experiment_id").GetString(), Does.Match("^[1-9][0-9]{17}$"));
    }

    [Test]
    public async Task Points_stay_in_the_order_of_their_arrival_equal_ones_and_those_that_are_no_numbers_included()
    {
        var run = await _client.CreateRunAsync();
        var batch = $$"""
            {"run_id": "{{run}}", "metrics": [
                {"key": "m", "value": 2.0, "timestamp": 9, "step": 1},
                {"key": "m", "value": "NaN", "timestamp": 1, "step": 0},
                {"key": "m", "value": "-Infinity", "timestamp": 1, "step": 0},
                {"key": "m", "value": -0.0, "timestamp": 1, "step": 0}]}
            """;

        await _client.PostOkAsync("/runs/log-batch", batch);
        await _client.PostOkAsync("/runs/log-batch", batch);

        var once = new[] { 2.0, double.NaN, double.NegativeInfinity, -0.0 };
        var stored = _server.State.GetHistory(run, "m").Select(point => point.Value).ToArray();
        Assert.That(stored, Is.EqualTo(once.Concat(once)));
        Assert.That(double.IsNegative(stored[3]), Is.True);
        var history = await _client.GetOkAsync($"/metrics/get-history?run_id={run}&metric_key=m&max_results=3");
        Assert.That(
            history.GetProperty("metrics").EnumerateArray().Select(point => point.GetProperty("value").ToString()),
            Is.EqualTo(["2.0", "NaN", "-Infinity"]));
    }

    [Test]
    public async Task A_changed_param_in_a_batch_is_an_internal_error_after_what_came_before_it_was_stored()
    {
        var run = await _client.CreateRunAsync();
        await _client.PostOkAsync("/runs/log-parameter", $$"""{"run_id": "{{run}}", "key": "p", "value": "1"}""");

        var (status, body) = await _client.PostAsync("/runs/log-batch", $$"""
            {"run_id": "{{run}}",
             "params": [{"key": "before", "value": "1"}, {"key": "p", "value": "2"}, {"key": "after", "value": "1"}],
             "metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 0}]}
            """);

        Assert.That(status, Is.EqualTo(500));
        Assert.That(body, Does.Contain("INTERNAL_ERROR"));
        var stored = _server.State.GetRun(run);
        Assert.That(stored.Params.Keys, Is.EqualTo(["p", "before"]));
        Assert.That(stored.MetricKeys, Is.Empty);
    }

    [Test]
    public async Task A_run_in_a_deleted_experiment_is_an_invalid_state()
    {
        var experiment = (await _client.PostOkAsync("/experiments/create", """{"name": "e"}""")).GetProperty("experiment_id").GetString();
        await _client.PostOkAsync("/experiments/delete", $$"""{"experiment_id": "{{experiment}}"}""");

        var (status, body) = await _client.PostAsync("/runs/create", $$"""{"experiment_id": "{{experiment}}"}""");

        Assert.That(status, Is.EqualTo(500));
        Assert.That(body, Does.Contain("INVALID_STATE"));
    }

    [Test]
    public async Task A_key_cannot_lie_below_another_one()
    {
        var run = await _client.CreateRunAsync();
        await _client.PostOkAsync("/runs/log-metric", $$"""{"run_id": "{{run}}", "key": "m", "value": 1, "timestamp": 1}""");

        var (status, body) = await _client.PostAsync(
            "/runs/log-metric",
            $$"""{"run_id": "{{run}}", "key": "m/a", "value": 1, "timestamp": 1}""");

        Assert.That(status, Is.EqualTo(500));
        Assert.That(body, Does.StartWith("<!doctype html>"));
    }

    [Test]
    public async Task A_param_with_a_carriage_return_conflicts_with_itself()
    {
        var run = await _client.CreateRunAsync();
        var param = $$"""{"run_id": "{{run}}", "key": "p", "value": "a\r\nb"}""";
        await _client.PostOkAsync("/runs/log-parameter", param);

        Assert.That((await _client.PostAsync("/runs/log-parameter", param)).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task Outputs_may_be_logged_twice()
    {
        var run = await _client.CreateRunAsync();
        var outputs = $$"""{"run_id": "{{run}}", "models": [{"model_id": "m-1", "step": 3}]}""";

        await _client.PostOkAsync("/runs/outputs", outputs);
        await _client.PostOkAsync("/runs/outputs", outputs);

        Assert.That(_server.State.GetRun(run).ModelOutputs, Is.EqualTo([new FakeModelOutput("m-1", 3)]));
    }

    [Test]
    public async Task The_default_experiment_cannot_be_deleted()
        => Assert.That((await _client.PostAsync("/experiments/delete", """{"experiment_id": "0"}""")).Status, Is.EqualTo(500));
}
