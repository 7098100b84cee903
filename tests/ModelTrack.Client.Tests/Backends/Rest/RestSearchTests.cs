using System.Text.Json;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Backends.Rest;

[TestFixture]
internal sealed class RestSearchTests
{
    private const string Refused = """{"error_code": "INVALID_PARAMETER_VALUE", "message": "Invalid clause(s) in filter string: 'IS'"}""";

    private const string TwoRuns = """
        {"runs": [{"info": {"run_id": "a", "experiment_id": "1"}, "data": {"tags": [{"key": "team", "value": "x"}]}},
        {"info": {"run_id": "b", "experiment_id": "1"}}], "next_page_token": "t"}
        """;

    private StubServer _server = null!;
    private RestBackend _backend = null!;

    [SetUp]
    public void OpenBackend() => _backend = (_server = new StubServer()).Backend();

    [TearDown]
    public void CloseBackend() => _backend.Dispose();

    [Test]
    public async Task A_search_is_sent_as_it_is_given()
    {
        _server.Answers(200, TwoRuns);
        var query = new RunQuery
        {
            ExperimentIds = ["1", "2"],
            Filter = "metrics.a > 1 SOME NEW GRAMMAR",
            OrderBy = ["metrics.a DESC"],
            View = ViewType.All,
            PageSize = 5,
        };
        var page = await _backend.SearchRunsAsync(query, "token", default);
        Assert.That(page.Items.Select(r => r.Id), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(page.NextPageToken, Is.EqualTo("t"));
        Assert.That(_server.Requests[0], Does.EndWith(
            """ {"experiment_ids":["1","2"],"filter":"metrics.a \u003E 1 SOME NEW GRAMMAR","run_view_type":"ALL","max_results":5,"""
            + """ "order_by":["metrics.a DESC"],"page_token":"token"}""".TrimStart()));
    }

    [Test]
    public async Task What_is_not_given_is_not_sent()
    {
        _server.Answers(200).Answers(200);
        Assert.That((await _backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["1"], Filter = "" }, null, default)).Items, Is.Empty);
        Assert.That((await _backend.SearchExperimentsAsync(new ExperimentQuery(), null, default)).NextPageToken, Is.Null);
        Assert.That(_server.Requests[0], Does.EndWith(""" {"experiment_ids":["1"],"run_view_type":"ACTIVE_ONLY","max_results":1000}"""));
        Assert.That(_server.Requests[1], Does.EndWith(""" {"max_results":1000,"view_type":"ACTIVE_ONLY"}"""));
    }

    [Test]
    public async Task An_older_server_is_not_asked_for_null_tests_which_are_made_here()
    {
        var query = new RunQuery { ExperimentIds = ["1"], Filter = "metrics.a >= 1 and tags.team IS NULL AND params.`x y` = 'IS NULL'" };
        _server.Answers(400, Refused).Answers(200, TwoRuns).Answers(200, TwoRuns);
        Assert.That((await _backend.SearchRunsAsync(query, null, default)).Items.Select(r => r.Id), Is.EqualTo(new[] { "b" }));
        using var sent = JsonDocument.Parse(_server.Requests[1][_server.Requests[1].IndexOf('{', StringComparison.Ordinal)..]);
        Assert.That(sent.RootElement.GetProperty("filter").GetString(), Is.EqualTo("metrics.a >= 1 AND params.`x y` = 'IS NULL'"));

        var second = await _backend.SearchRunsAsync(query, "t", default);
        Assert.That(_server.Requests, Has.Count.EqualTo(3), "it is known by now");
        Assert.That((second.Items.Count, second.NextPageToken), Is.EqualTo((1, (string?)null)));
    }

    [Test]
    public async Task A_filter_of_nothing_but_null_tests_is_left_out()
    {
        _server.Answers(400, Refused).Answers(200, TwoRuns);
        var query = new RunQuery { ExperimentIds = ["1"], Filter = "tags.team IS NOT NULL" };
        Assert.That((await _backend.SearchRunsAsync(query, null, default)).Items.Select(r => r.Id), Is.EqualTo(new[] { "a" }));
        Assert.That(_server.Requests[1], Does.Not.Contain("filter"));
    }

    [Test]
    public async Task Experiments_too_are_sifted_by_their_tags()
    {
        _server.Answers(400, Refused).Answers(200, """
            {"experiments": [{"experiment_id": "1", "tags": [{"key": "team", "value": "x"}]}, {"experiment_id": "2"}]}
            """);
        var page = await _backend.SearchExperimentsAsync(new ExperimentQuery { Filter = "tags.team IS NULL" }, null, default);
        Assert.That(page.Items.Select(e => e.Id), Is.EqualTo(new[] { "2" }));
    }

    [TestCase("tags.team IS NULL OR tags.b = 'c'", 1, TestName = "what this client cannot read is left to the server")]
    [TestCase("params.a = 'NULL'", 1, TestName = "a filter without null tests is not touched")]
    [TestCase("tags.team IS NULL AND metrics.a > 'text'", 2, TestName = "what is wrong besides stays wrong")]
    public void The_servers_refusal_is_what_the_user_sees(string filter, int requests)
    {
        _server.Answers(400, Refused).Answers(400, """{"error_code": "INVALID_PARAMETER_VALUE", "message": "of the second request"}""");
        var error = Assert.ThrowsAsync<ModelTrackException>(
            () => _backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["1"], Filter = filter }, null, default).AsTask());
        Assert.That(error!.Message, Does.Contain("Invalid clause(s)"));
        Assert.That(_server.Requests, Has.Count.EqualTo(requests));
    }
}
