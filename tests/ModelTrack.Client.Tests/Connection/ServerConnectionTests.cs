using System.Net;

namespace ModelTrack.Client.Tests.Connection;

internal sealed class ServerConnectionTests
{
    private static readonly string[] OurHeaders = ["Authorization", "User-Agent", "X-MLFLOW-WORKSPACE"];

    [TestCase("http://h:5000/base", "http://h:5000/base/api/2.0/mlflow/runs/get", true)]
    [TestCase("http://h:5000/base", "http://h:5000/elsewhere", true)]
    [TestCase("http://h:5000", "http://H:5000/", true)]
    [TestCase("http://h:5000", "http://h:5001/", false)]
    [TestCase("http://h:5000", "http://h/", false)]
    [TestCase("http://h:5000", "http://other:5000/", false)]
    [TestCase("http://h:5000", "http://h.evil.example:5000/", false)]
    [TestCase("http://h:5000", "https://h/", false)]
    [TestCase("http://h:5000", "https://h:8443/", false)]
    [TestCase("http://h", "https://h/", true)]
    [TestCase("http://h", "https://h:8443/", false)]
    [TestCase("http://h", "https://h:80/", false)]
    [TestCase("http://h:5000", "https://h:5000/", true)]
    [TestCase("https://h", "http://h/", false)]
    [TestCase("https://h", "https://h:443/", true)]
    [TestCase("https://h", "https://h:444/", false)]
    [TestCase("https://h", "https://bucket.s3.example/x?X-Amz-Signature=1", false)]
    public async Task Headers_of_ours_go_to_the_servers_own_origin_only(string uri, string to, bool isOwn)
    {
        using var server = new TestConnection(uri, new TrackerOptions { Token = "t", Workspace = "w" });

        var request = await server.AuthorizedAsync(new Uri(to));

        Assert.That(request.Headers.Select(header => header.Key), isOwn ? Is.EquivalentTo(OurHeaders) : Is.Empty);
    }

    [Test]
    public void A_redirect_to_another_origin_is_not_followed()
    {
        using var server = new TestConnection(
            "https://h", new TrackerOptions { Token = "s3cret" }, answer: _ => RecordingHandler.Redirect("https://evil.example/"));

        var e = Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync("https://h/api/2.0/mlflow/runs/get"));

        Assert.That(server.Network.Requests.Select(request => request.Uri.Host), Is.EqualTo(new[] { "h" }));
        Assert.That(e!.ToString(), Does.Not.Contain("s3cret"));
    }

    [Test]
    public async Task A_presigned_address_gets_nothing_of_ours()
    {
        using var server = new TestConnection("https://h", new TrackerOptions { UserName = "ann", Password = "s3cret", Workspace = "w" });

        await server.SendAsync("https://bucket.s3.example/x?X-Amz-Signature=1");

        Assert.That(server.Network.Requests.Single().Headers, Is.Empty);
    }

    [Test]
    public void A_401_of_another_origin_renews_nothing()
    {
        var asked = 0;
        using var server = new TestConnection(
            "https://h",
            new TrackerOptions { TokenProvider = (_, _) => new ValueTask<string>($"t{++asked}") },
            answer: _ => new HttpResponseMessage(HttpStatusCode.Unauthorized));

        Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync("https://bucket.s3.example/x"));

        Assert.That(asked, Is.Zero);
        Assert.That(server.Network.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_user_agent_says_name_and_version()
    {
        using var server = new TestConnection("https://h");

        var request = await server.AuthorizedAsync(server.Connection.BaseUri);

        Assert.That(request.Headers.UserAgent.ToString(), Does.Match(@"^modeltrack-dotnet/\d+\.\d+\.\d+[-.\w]*$"));
    }

    [TestCase("https://h/base/api/2.0/mlflow/runs/get", true)]
    [TestCase("https://h/base/api/2.0/mlflow-artifacts/artifacts/api/3.0/mlflow/workspaces", true)]
    [TestCase("https://h/base/api/3.0/mlflow/workspaces-of-mine", true)]
    [TestCase("https://h/base/health", true)]
    [TestCase("https://h/base/api/3.0/mlflow/workspaces", false)]
    [TestCase("https://h/base/ajax-api/3.0/mlflow/workspaces/w", false)]
    public async Task The_workspace_is_named_except_where_workspaces_are_managed(string to, bool isNamed)
    {
        using var server = new TestConnection("https://h/base", variables: new() { ["MLFLOW_WORKSPACE"] = "team" });

        var request = await server.AuthorizedAsync(new Uri(to));

        Assert.That(request.Headers.Contains("X-MLFLOW-WORKSPACE"), Is.EqualTo(isNamed));
        Assert.That(!isNamed || request.Headers.GetValues("X-MLFLOW-WORKSPACE").Single() == "team");
    }

    [Test]
    public async Task The_workspace_of_the_options_comes_first()
    {
        using var server = new TestConnection(
            "https://h", new TrackerOptions { Workspace = "mine" }, new() { ["MLFLOW_WORKSPACE"] = "team" });

        var request = await server.AuthorizedAsync(server.Connection.BaseUri);

        Assert.That(request.Headers.GetValues("X-MLFLOW-WORKSPACE"), Is.EqualTo(new[] { "mine" }));
    }

    [Test]
    public void A_workspace_that_no_header_can_hold_is_refused()
        => Assert.That(
            () => new TestConnection("https://h", variables: new() { ["MLFLOW_WORKSPACE"] = "a\r\nX: y" }),
            Throws.ArgumentException.With.Message.Contains("MLFLOW_WORKSPACE"));

    [TestCase("http://ann:s3cret@h:5000/x/", null, null, "http://h:5000/x")]
    [TestCase("http://h:5000", "team-a&b", null, "http://h:5000#workspace=team-a%26b")]
    [TestCase("http://h:5000", null, "https://bob:s3cret@r/x", "http://h:5000#registry=https%3A%2F%2Fr%2Fx")]
    [TestCase("http://h:5000", "w", "https://r", "http://h:5000#workspace=w&registry=https%3A%2F%2Fr")]
    [TestCase("http://h:5000", null, "http://other:user@h:5000/", "http://h:5000")]
    [TestCase("http://h:5000", null, "databricks-uc", "http://h:5000#registry=databricks-uc")]
    [TestCase("http://h:5000", null, "postgresql://ann:s3cret@h/db", "http://h:5000#registry=postgresql")]
    public void Journals_of_different_servers_workspaces_and_registries_are_apart(
        string uri, string? workspace, string? registry, string destination)
    {
        using var server = new TestConnection(
            uri,
            new TrackerOptions { Workspace = workspace },
            registry is null ? [] : new() { ["MLFLOW_REGISTRY_URI"] = registry });

        Assert.That(server.Connection.Destination, Is.EqualTo(destination));
    }

    [TestCase("http://mlflow:5000", true)]
    [TestCase("http://10.0.0.1", true)]
    [TestCase("http://localhost:5000", false)]
    [TestCase("http://127.0.0.1:5000", false)]
    [TestCase("http://[::1]:5000", false)]
    [TestCase("https://mlflow", false)]
    public async Task Credentials_by_plain_http_off_this_machine_are_warned_of_once(string uri, bool isWarned)
    {
        using var server = new TestConnection(uri, new TrackerOptions { Token = "s3cret" });
        _ = await server.AuthorizationAsync();
        _ = await server.AuthorizationAsync();

        Assert.That(server.Log.Warnings, isWarned ? Has.Count.EqualTo(1).And.One.Contains("plain http") : Is.Empty);
        Assert.That(server.Log.Warnings, Has.None.Contains("s3cret"));
    }

    [Test]
    public void Plain_http_without_credentials_is_nobodys_business()
    {
        using var server = new TestConnection("http://mlflow:5000");

        Assert.That(server.Log.Warnings, Is.Empty);
    }

    [Test]
    public async Task No_text_of_it_has_a_secret()
    {
        using var server = new TestConnection(
            "https://ann:s3cret@h", answer: _ => new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("no") });
        var uri = TrackingUri.Parse("https://ann:s3cret@h");

        var e = Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync("https://h/api/2.0/mlflow/runs/get"));

        string?[] texts =
        [
            e!.ToString(), server.Connection.ToString(), server.Connection.Destination, server.Connection.BaseUri.OriginalString,
            uri.ToString(), uri.UserInfo!.ToString(), new BasicCredentials("ann", "s3cret").ToString(), new BearerToken("s3cret", "x").ToString(),
            new TrackerOptions { Token = "s3cret" }.ToString(),
        ];
        Assert.That(texts, Has.None.Contains("s3cret"));
        Assert.That(await server.AuthorizationAsync(), Is.Not.Null);
    }
}
