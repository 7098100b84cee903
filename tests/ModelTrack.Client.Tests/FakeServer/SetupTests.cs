using System.Text;
using System.Text.Json;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>What a fake server can be set up to, and the faults that can be put into it.</summary>
internal sealed class SetupTests
{
    [Test]
    public async Task Requests_are_recorded_as_they_came()
    {
        await using var server = await FakeServer.StartAsync();
        using var client = new RawClient(server);

        await client.SendAsync(HttpMethod.Post, "/api/2.0/mlflow/experiments/create?x=%20", """{"name": "e"}""", ("X-Test", "a"));
        var recorded = server.Requests.Single();
        server.ClearRequests();
        server.RecordsRequests = false;
        await client.SendAsync(HttpMethod.Get, "/health");

        Assert.That(recorded.ToString(), Is.EqualTo("POST /api/2.0/mlflow/experiments/create?x=%20"));
        Assert.That(recorded.BodyText, Is.EqualTo("""{"name": "e"}"""));
        Assert.That(recorded.Headers["x-test"], Is.EqualTo("a"));
        Assert.That(server.Requests, Is.Empty);
        Assert.That(server.RequestCount, Is.EqualTo(2));
    }

    [Test]
    public async Task An_answer_can_get_lost_after_what_was_asked_is_done()
    {
        await using var server = await FakeServer.StartAsync();
        using var client = new RawClient(server);
        server.Interceptor = async context =>
        {
            await server.ApplyAsync(context);
            context.Abort();
            return true;
        };

        Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync("/experiments/create", """{"name": "e"}"""));

        Assert.That(server.State.Experiments.Select(experiment => experiment.Name), Is.EqualTo(["Default", "e"]));
    }

    [Test]
    public async Task A_request_can_be_answered_by_an_interceptor_or_let_through()
    {
        await using var server = await FakeServer.StartAsync();
        using var client = new RawClient(server);
        var left = 1;
        server.Interceptor = context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(left-- > 0);
        };

        Assert.That((await client.GetAsync("/experiments/get?experiment_id=0")).Status, Is.EqualTo(503));
        Assert.That((await client.GetAsync("/experiments/get?experiment_id=0")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_token_is_asked_for_everywhere_but_at_the_health_check()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { Token = "secret" });
        using var client = new RawClient(server);

        Assert.That((await client.SendAsync(HttpMethod.Get, "/version")).Status, Is.EqualTo(401));
        Assert.That((await client.SendAsync(HttpMethod.Get, "/version", null, ("Authorization", "Bearer secret"))).Status, Is.EqualTo(200));
        Assert.That((await client.SendAsync(HttpMethod.Get, "/health")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_path_prefix_stands_before_every_route()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { PathPrefix = "/ml flow" });
        using var client = new RawClient(server);
        using var http = new HttpClient();

        Assert.That((await client.SendAsync(HttpMethod.Get, "/health")).Status, Is.EqualTo(200));
        using var outside = await http.GetAsync(new Uri(server.Url, "/health"));
        Assert.That((int)outside.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task Workspaces_have_states_of_their_own()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { WorkspacesEnabled = true, Workspaces = ["team"] });
        using var client = new RawClient(server);
        const string Path = "/api/2.0/mlflow/experiments/create";

        await client.SendAsync(HttpMethod.Post, Path, """{"name": "e"}""", ("X-MLFLOW-WORKSPACE", "team"));
        var unknown = await client.SendAsync(HttpMethod.Post, Path, """{"name": "e"}""", ("X-MLFLOW-WORKSPACE", "nobody"));

        Assert.That(server.StateOf("team").Experiments, Has.Count.EqualTo(2));
        Assert.That(server.State.Experiments, Has.Count.EqualTo(1));
        Assert.That(unknown.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_workspace_is_refused_where_there_are_none()
    {
        await using var server = await FakeServer.StartAsync();
        using var client = new RawClient(server);

        const string Path = "/api/2.0/mlflow/experiments/get?experiment_id=0";

        var (status, body) = await client.SendAsync(HttpMethod.Get, Path, null, ("X-MLFLOW-WORKSPACE", "a"));

        Assert.That(status, Is.EqualTo(500));
        Assert.That(body, Does.Contain("FEATURE_DISABLED"));
    }

    [Test]
    public async Task Without_the_artifact_proxy_its_routes_say_so_for_good()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { ServeArtifacts = false });
        using var client = new RawClient(server);

        var (status, body) = await client.SendAsync(HttpMethod.Get, "/api/2.0/mlflow-artifacts/artifacts/a");

        Assert.That(status, Is.EqualTo(503));
        Assert.That(body, Does.Contain("disabled due to the mlflow server running"));
        Assert.That(server.State.GetRun(await client.CreateRunAsync()).ArtifactUri, Does.StartWith("/"));
    }

    [Test]
    public async Task A_server_without_the_proxy_lists_what_lies_on_its_disk()
    {
        using var folder = new ScratchFolder();
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { ServeArtifacts = false, ArtifactRoot = folder.Path });
        using var client = new RawClient(server);
        var run = await client.CreateRunAsync();
        var artifacts = Directory.CreateDirectory(server.State.GetRun(run).ArtifactUri);
        await File.WriteAllTextAsync(Path.Combine(artifacts.FullName, "a.txt"), "hi");

        var list = await client.GetOkAsync($"/artifacts/list?run_id={run}");
        var download = await client.SendAsync(HttpMethod.Get, $"/get-artifact?run_id={run}&path=a.txt");

        Assert.That(list.GetProperty("files")[0].GetProperty("path").GetString(), Is.EqualTo("a.txt"));
        Assert.That(download, Is.EqualTo((200, "hi")));
    }

    [Test]
    public async Task The_object_store_takes_no_credentials_and_no_forged_addresses()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { MultipartArtifacts = true });
        using var client = new RawClient(server);
        using var http = new HttpClient();
        var url = await BeginAsync(client);

        using var withCredentials = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent([1]) };
        withCredentials.Headers.TryAddWithoutValidation("Authorization", "Bearer secret");
        using var refused = await http.SendAsync(withCredentials);
        var other = new Uri(url.AbsoluteUri.Replace("partNumber=1", "partNumber=2", StringComparison.Ordinal));
        using var forged = await http.PutAsync(other, new ByteArrayContent([1]));

        Assert.That((int)refused.StatusCode, Is.EqualTo(400));
        Assert.That((int)forged.StatusCode, Is.EqualTo(403));
        Assert.That(server.ObjectStoreRefusals, Is.EqualTo(["InvalidArgument", "SignatureDoesNotMatch"]));
        Assert.That(server.OpenUploads, Is.EqualTo(1));
    }

    [Test]
    public async Task A_presigned_download_gives_a_range()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { MultipartArtifacts = true });
        using var client = new RawClient(server);
        using var http = new HttpClient();
        await client.SendAsync(HttpMethod.Put, "/api/2.0/mlflow-artifacts/artifacts/a/b c.bin", "0123456789");

        var presigned = await client.SendAsync(HttpMethod.Get, "/api/2.0/mlflow-artifacts/presigned/a/b%20c.bin");
        using var json = JsonDocument.Parse(presigned.Body);
        using var request = new HttpRequestMessage(HttpMethod.Get, json.RootElement.GetProperty("url").GetString());
        request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(2, 4);
        using var answer = await http.SendAsync(request);

        Assert.That((int)answer.StatusCode, Is.EqualTo(206));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("234"));
        Assert.That(answer.Content.Headers.ContentRange!.Length, Is.EqualTo(10));
    }

    [Test]
    public async Task Many_requests_at_once_lose_nothing()
    {
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { Semantics = StoreSemantics.FileStore });
        using var client = new RawClient(server);
        var run = await client.CreateRunAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(batch =>
        {
            var points = string.Join(',', Enumerable.Range(0, 50).Select(
                i => $$"""{"key": "m", "value": {{batch * 50 + i}}, "timestamp": 1, "step": {{i}}}"""));
            return client.PostOkAsync("/runs/log-batch", $$"""{"run_id": "{{run}}", "metrics": [{{points}}]}""");
        }));

        var values = server.State.GetHistory(run, "m").Select(point => (int)point.Value);
        Assert.That(values.Order(), Is.EqualTo(Enumerable.Range(0, 1000)));
    }

    private static async Task<Uri> BeginAsync(RawClient client)
    {
        const string Path = "/api/2.0/mlflow-artifacts/mpu/create/a";
        var (_, body) = await client.SendAsync(HttpMethod.Post, Path, """{"path": "b.bin", "num_parts": 2}""");
        using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(body));
        return new Uri(json.RootElement.GetProperty("credentials")[0].GetProperty("url").GetString()!);
    }
}
