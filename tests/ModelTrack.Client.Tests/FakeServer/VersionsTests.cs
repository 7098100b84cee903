using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>Routes exist from the version on that brought them.</summary>
internal sealed class VersionsTests
{
    [TestCase("2.0.0", "GET", "/version", 404)]
    [TestCase("2.1.0", "GET", "/version", 200)]
    [TestCase("2.2.0", "GET", "/api/2.0/mlflow/registered-models/alias", 404)]
    [TestCase("2.3.0", "GET", "/api/2.0/mlflow/registered-models/alias", 400)]
    [TestCase("2.3.0", "POST", "/api/2.0/mlflow/runs/log-inputs", 404)]
    [TestCase("2.17.0", "POST", "/api/2.0/mlflow/runs/log-inputs", 400)]
    [TestCase("2.8.0", "POST", "/api/2.0/mlflow-artifacts/mpu/create/a", 404)]
    [TestCase("2.17.0", "POST", "/api/2.0/mlflow-artifacts/mpu/create/a", 400)]
    [TestCase("2.17.0", "POST", "/api/2.0/mlflow/logged-models", 404)]
    [TestCase("3.0.0", "POST", "/api/2.0/mlflow/logged-models", 400)]
    [TestCase("2.22.0", "POST", "/api/2.0/mlflow/runs/outputs", 404)]
    [TestCase("3.1.0", "POST", "/api/2.0/mlflow/experiments/delete-experiment-tag", 404)]
    [TestCase("3.2.0", "POST", "/api/2.0/mlflow/experiments/delete-experiment-tag", 400)]
    [TestCase("3.9.0", "GET", "/api/3.0/mlflow/server-info", 404)]
    [TestCase("3.10.0", "GET", "/api/3.0/mlflow/server-info", 200)]
    [TestCase("3.10.0", "GET", "/api/2.0/mlflow-artifacts/presigned/a", 404)]
    [TestCase("3.11.1", "GET", "/api/2.0/mlflow-artifacts/presigned/a", 501)]
    public async Task A_route_is_there_or_answers_that_it_is_not(string version, string method, string path, int status)
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { Version = version });
        using var client = new RawClient(server);

        var answer = await client.SendAsync(new HttpMethod(method), path, method == "POST" ? "{}" : null);

        Assert.That(answer.Status, Is.EqualTo(status), answer.Body);
        Assert.That(answer.Body.StartsWith("<!doctype html>", StringComparison.Ordinal), Is.EqualTo(status == 404));
    }

    [Test]
    public async Task An_old_server_gives_whole_histories_and_takes_no_page_token()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { Version = "2.17.0" });
        using var client = new RawClient(server);
        var run = await client.CreateRunAsync();
        await client.PostOkAsync("/runs/log-metric", $$"""{"run_id": "{{run}}", "key": "m", "value": 1, "timestamp": 1}""");
        await client.PostOkAsync("/runs/log-metric", $$"""{"run_id": "{{run}}", "key": "m", "value": 2, "timestamp": 2}""");

        var history = await client.GetOkAsync($"/metrics/get-history?run_id={run}&metric_key=m&max_results=1");
        var (status, _) = await client.GetAsync($"/metrics/get-history?run_id={run}&metric_key=m&page_token=eyJvZmZzZXQiOiAxfQ==");

        Assert.That(history.GetProperty("metrics").GetArrayLength(), Is.EqualTo(2));
        Assert.That(history.TryGetProperty("next_page_token", out _), Is.False);
        Assert.That(status, Is.EqualTo(500));
    }

    [Test]
    public async Task An_old_server_has_no_null_tests_in_filters()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { Version = "3.8.1" });
        using var client = new RawClient(server);

        Assert.That((await client.PostAsync("/runs/search", """{"filter": "tags.a IS NULL"}""")).Status, Is.EqualTo(400));
        Assert.That((await client.PostAsync("/runs/search", """{"filter": "tags.a = 'is null'"}""")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task An_old_server_ignores_that_a_metric_belongs_to_a_model()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { Version = "2.17.0" });
        using var client = new RawClient(server);
        var run = await client.CreateRunAsync();

        await client.PostOkAsync(
            "/runs/log-metric",
            $$"""{"run_id": "{{run}}", "key": "m", "value": 1, "timestamp": 1, "model_id": "m-1"}""");

        Assert.That(server.State.GetHistory(run, "m"), Has.Count.EqualTo(1));
    }
}
