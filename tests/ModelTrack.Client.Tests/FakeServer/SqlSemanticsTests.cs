using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>What a database makes of points, beyond what the recordings show.</summary>
internal sealed class SqlSemanticsTests
{
    private FakeServer _server = null!;
    private RawClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await FakeServer.StartAsync();
        _client = new RawClient(_server);
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task A_repeated_batch_adds_nothing()
    {
        var run = await _client.CreateRunAsync();
        var batch = $$"""{"run_id": "{{run}}", "metrics": [{{Point("1.5", 1)}}, {{Point("\"Infinity\"", 2)}}, {{Point("-0.0", 3)}}]}""";

        await _client.PostOkAsync("/runs/log-batch", batch);
        await _client.PostOkAsync("/runs/log-batch", batch);

        Assert.That(
            _server.State.GetHistory(run, "m"),
            Is.EqualTo([new FakePoint(1.5, 1, 1), new FakePoint(double.MaxValue, 2, 1), new FakePoint(0.0, 3, 1)]));
    }

    [Test]
    public async Task A_repeated_NaN_refuses_all_points_of_a_batch_and_leaves_its_params()
    {
        var run = await _client.CreateRunAsync();
        await _client.PostOkAsync("/runs/log-batch", $$"""{"run_id": "{{run}}", "metrics": [{{Point("\"NaN\"", 1)}}]}""");

        var (status, body) = await _client.PostAsync("/runs/log-batch", $$"""
            {"run_id": "{{run}}", "metrics": [{{Point("1.0", 2)}}, {{Point("\"NaN\"", 1)}}],
             "params": [{"key": "p", "value": "1"}], "tags": [{"key": "t", "value": "1"}]}
            """);

        Assert.That(status, Is.EqualTo(400));
        Assert.That(body, Does.Contain("BAD_REQUEST"));
        var stored = _server.State.GetRun(run);
        Assert.That(stored.GetHistory("m"), Has.Count.EqualTo(1));
        Assert.That(stored.Params, Contains.Key("p"));
        Assert.That(stored.Tags, Does.Not.ContainKey("t"));
    }

    [Test]
    public async Task A_refused_batch_leaves_no_metric_without_points()
    {
        var run = await _client.CreateRunAsync();
        var nan = Point("\"NaN\"", 1);

        var (status, _) = await _client.PostAsync("/runs/log-batch", $$"""{"run_id": "{{run}}", "metrics": [{{nan}}, {{nan}}]}""");

        Assert.That(status, Is.EqualTo(400));
        Assert.That(_server.State.GetRun(run).MetricKeys, Is.Empty);
    }

    [Test]
    public async Task Histories_are_ordered_by_timestamp_step_and_value()
    {
        var run = await _client.CreateRunAsync();
        await _client.PostOkAsync("/runs/log-batch", $$"""
            {"run_id": "{{run}}", "metrics": [
                {"key": "m", "value": 3, "timestamp": 2, "step": 0}, {"key": "m", "value": 2, "timestamp": 1, "step": 5},
                {"key": "m", "value": 1, "timestamp": 1, "step": 5}, {"key": "m", "value": 0, "timestamp": 1, "step": -1}]}
            """);

        var history = await _client.GetOkAsync($"/metrics/get-history?run_id={run}&metric_key=m&max_results=10");

        var values = history.GetProperty("metrics").EnumerateArray().Select(point => point.GetProperty("value").GetDouble());
        Assert.That(values, Is.EqualTo([0.0, 1, 2, 3]));
    }

    [Test]
    public async Task What_follows_a_field_that_cannot_be_read_is_lost_in_silence()
    {
        var run = await _client.CreateRunAsync();

        await _client.PostOkAsync("/runs/log-batch", $$"""
            {"run_id": "{{run}}", "metrics": [
                {"key": "a", "value": 1, "timestamp": 1},
                {"key": "b", "value": 2, "timestamp": 12.5},
                {"key": "c", "value": 3, "timestamp": 1}],
             "tags": [{"key": "t", "value": "1"}]}
            """);

        var stored = _server.State.GetRun(run);
        Assert.That(stored.MetricKeys, Is.EqualTo(["a", "b"]));
        Assert.That(stored.GetHistory("b"), Is.EqualTo([new FakePoint(2, 0, 0)]));
        Assert.That(stored.Tags, Does.Not.ContainKey("t"));
    }

    [Test]
    public async Task A_search_leaves_out_the_models_that_runs_used()
    {
        var run = await _client.CreateRunAsync();
        await _client.PostOkAsync("/runs/log-inputs", $$"""{"run_id": "{{run}}", "models": [{"model_id": "m-1"}]}""");

        var found = await _client.PostOkAsync("/runs/search", """{"experiment_ids": ["0"]}""");
        var one = await _client.GetOkAsync($"/runs/get?run_id={run}");

        Assert.That(found.GetProperty("runs")[0].GetProperty("inputs").EnumerateObject(), Is.Empty);
        Assert.That(one.GetProperty("run").GetProperty("inputs").GetProperty("model_inputs").GetArrayLength(), Is.EqualTo(1));
    }

    private static string Point(string value, int step) => $$"""{"key": "m", "value": {{value}}, "timestamp": 1, "step": {{step}}}""";
}
