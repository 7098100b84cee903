using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Backends.Rest;

[TestFixture]
internal sealed class ServerFeaturesTests
{
    private const string Page = "<!doctype html>";

    private StubServer _server = null!;
    private ServerFeatures _features = null!;
    private RestSender _sender = null!;

    [SetUp]
    public void OpenServer()
    {
        _server = new StubServer();
        _sender = _server.Sender(new HttpSettings { Retries = 0 });
        _features = new ServerFeatures(new ServiceApi(_sender), StubServer.Address);
    }

    [TearDown]
    public void CloseServer()
    {
        _features.Dispose();
        _sender.Dispose();
        _server.Dispose();
    }

    [TestCase("SqlStore", StoreType.Sql)]
    [TestCase("FileStore", StoreType.Files)]
    [TestCase("AnotherStore", StoreType.Unknown)]
    public async Task A_new_server_is_asked_once(string store, StoreType type)
    {
        _server.Answers(200, $$"""{"store_type": "{{store}}", "workspaces_enabled": true}""").Answers(200, "3.11.2.dev0");
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _features.GetAsync(default).AsTask()));
        Assert.That(all, Is.All.EqualTo(new ServerFacts("3.11.2.dev0", type, true)));
        Assert.That(_server.Requests, Is.EqualTo(new[]
        {
            "GET http://stub.test:5000/api/3.0/mlflow/server-info", "GET http://stub.test:5000/version",
        }));
    }

    [Test]
    public async Task An_older_server_is_known_by_its_version_and_its_ids()
    {
        _server.Answers(404, Page).Answers(200, "2.17.3\n");
        Assert.That(await _features.GetAsync(default), Is.EqualTo(new ServerFacts("2.17.3", StoreType.Unknown, false)));
        Assert.That(await _features.FindTypeAsync("3", default), Is.EqualTo(StoreType.Sql));
        Assert.That(await _features.FindTypeAsync("123456789012345678", default), Is.EqualTo(StoreType.Files));
        Assert.That(_server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_a_server_says_counts_more_than_its_ids()
    {
        _server.Answers(200, """{"store_type": "FileStore"}""").Answers(200, "3.10.0");
        Assert.That(await _features.FindTypeAsync("3", default), Is.EqualTo(StoreType.Files));
    }

    [Test]
    public async Task A_server_of_the_first_days_says_nothing()
    {
        _server.Answers(404, Page).Answers(404, Page);
        Assert.That(await _features.GetAsync(default), Is.EqualTo(ServerFacts.None));
        await _features.GetAsync(default);
        Assert.That(_server.Requests, Has.Count.EqualTo(2));
    }

    [TestCase(503)]
    [TestCase(401)]
    public async Task What_cannot_be_found_out_now_is_asked_again(int status)
    {
        _server.Answers(status, "later").Answers(404, Page).Answers(status, "later").Answers(404, Page).Answers(200, "2.1.0");
        Assert.That(await _features.GetAsync(default), Is.EqualTo(ServerFacts.None));
        Assert.That(await _features.GetAsync(default), Is.EqualTo(ServerFacts.None));
        Assert.That((await _features.GetAsync(default)).Version, Is.EqualTo("2.1.0"));
    }

    [Test]
    public async Task What_is_forbidden_is_not_asked_again()
    {
        _server.Answers(403, "no");
        Assert.That(await _features.GetAsync(default), Is.EqualTo(ServerFacts.None));
        Assert.That(await _features.GetAsync(default), Is.EqualTo(ServerFacts.None));
    }

    [Test]
    public async Task A_page_is_no_version()
    {
        _server.Answers(404, Page).Answers(200, Page);
        Assert.That((await _features.GetAsync(default)).Version, Is.Null);
    }

    [TestCase("0", StoreType.Unknown)]
    [TestCase("1", StoreType.Sql)]
    [TestCase("123456789", StoreType.Sql)]
    [TestCase("1234567890", StoreType.Unknown)]
    [TestCase("1234567890123456", StoreType.Unknown)]
    [TestCase("123456789012345678", StoreType.Files)]
    [TestCase("abc", StoreType.Unknown)]
    [TestCase("", StoreType.Unknown)]
    public void An_experiments_id_hints_at_the_store(string id, StoreType type) => Assert.That(_features.TypeFor(id), Is.EqualTo(type));

    [TestCase("https://adb-1.2.azuredatabricks.net")]
    [TestCase("https://dbc-1.cloud.databricks.com")]
    public void Databricks_ids_hint_at_nothing(string server)
    {
        using var features = new ServerFeatures(new ServiceApi(_sender), new Uri(server));
        Assert.That(features.TypeFor("12"), Is.EqualTo(StoreType.Unknown));
    }
}
