using System.Text;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>What endpoints do beyond one request and one answer, which the recordings hold.</summary>
[TestFixture]
internal sealed class EndpointTests
{
    private StubServer _server = null!;
    private RestApi _api = null!;

    [SetUp]
    public void OpenApi() => _api = new RestApi((_server = new StubServer()).Sender());

    [TearDown]
    public void CloseApi() => _api.Sender.Dispose();

    [Test]
    public async Task A_logged_model_gets_its_params_a_hundred_at_a_time()
    {
        const string Created = """{"model": {"info": {"model_id": "m-1", "status": 1}}}""";
        _server.Answers(200, Created).Answers(200).Answers(200);
        WirePair[] pairs = [.. Enumerable.Range(0, 250).Select(i => new WirePair("p" + i, "v"))];
        var model = await _api.LoggedModels.CreateAsync(new CreateLoggedModelRequest("1", Params: pairs), default);
        Assert.That((model.Info?.ModelId, model.Info?.Status), Is.EqualTo(("m-1", "1")));
        Assert.That(_server.Requests.Select(r => r.Split("\"p").Length - 1 - 1), Is.EqualTo(new[] { 100, 100, 50 }));
        Assert.That(_server.Requests[2], Does.Contain("""/logged-models/m-1/params {"model_id":"m-1","params":[{"key":"p200","value":"v"}"""));
    }

    [Test]
    public async Task A_deleted_model_is_read_only_when_asked_for()
    {
        _server.Answers(200, """{"model": {}}""").Answers(200, """{"model": {}}""");
        await _api.LoggedModels.GetAsync("m-1", allowDeleted: false, default);
        await _api.LoggedModels.GetAsync("m-1", allowDeleted: true, default);
        Assert.That(_server.Requests, Is.EqualTo(new[]
        {
            "GET http://stub.test:5000/api/2.0/mlflow/logged-models/m-1",
            "GET http://stub.test:5000/api/2.0/mlflow/logged-models/m-1?allow_deleted=true",
        }));
    }

    [Test]
    public async Task Numbers_that_json_does_not_have_are_read_where_mlflow_writes_them_bare()
    {
        _server.Answers(200, """
            {"metrics": [{"key": "NaN, \"Infinity", "value": NaN, "step": 1}, {"key": "a\\", "value":-Infinity},
            {"key": "b", "value": Infinity}, {"key": "c", "value": 1.5}]}
            """);
        var metrics = await _api.Metrics.GetHistoryBulkAsync(["r"], "k", 10, default);
        Assert.That(metrics.Select(m => m.Value), Is.EqualTo(new[] { double.NaN, double.NegativeInfinity, double.PositiveInfinity, 1.5 }));
        Assert.That(metrics.Select(m => m.Key), Is.EqualTo(new[] { "NaN, \"Infinity", "a\\", "b", "c" }));
    }

    [TestCase("{\"a\": \"\\")]
    [TestCase("NaN")]
    [TestCase("[-Infinity")]
    public void Broken_json_gets_quotes_at_most(string json)
    {
        var quoted = Encoding.UTF8.GetString(BareNumbers.Quote(Encoding.UTF8.GetBytes(json)));
        Assert.That(quoted.Replace("\"", ""), Is.EqualTo(json.Replace("\"", "")));
    }

    [Test]
    public async Task Special_numbers_are_sent_as_texts()
    {
        _server.Answers(200).Answers(200);
        await _api.Runs.LogMetricAsync(new LogMetricRequest("r", "k", double.NaN, 1), default);
        await _api.Runs.LogMetricAsync(new LogMetricRequest("r", "k", double.NegativeInfinity, 1), default);
        Assert.That(_server.Requests[0], Does.EndWith("""{"run_id":"r","key":"k","value":"NaN","timestamp":1}"""));
        Assert.That(_server.Requests[1], Does.Contain("\"value\":\"-Infinity\""));
    }

    [Test]
    public async Task A_missing_health_check_is_an_error_and_another_answer_is_no_health()
    {
        _server.Answers(200, "OK\n").Answers(200, "<html>").Answers(404, "<html>");
        Assert.That(await _api.Service.IsHealthyAsync(default), Is.True);
        Assert.That(await _api.Service.IsHealthyAsync(default), Is.False);
        Assert.ThrowsAsync<ModelTrackException>(() => _api.Service.IsHealthyAsync(default));
    }
}
