using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Tests.Backends.Rest;

[TestFixture]
internal sealed class RestSenderTests
{
    private const string Page = "<!doctype html><title>Sign in</title>";

    private StubServer _server = null!;
    private RestSender _sender = null!;

    [SetUp]
    public void OpenSender() => _sender = (_server = new StubServer()).Sender();

    [TearDown]
    public void CloseSender() => _sender.Dispose();

    [Test]
    public void A_query_is_escaped_and_has_no_parameter_without_a_value()
    {
        var uri = _sender.UriOf("api/x", [("a b", "1&2/ü+"), ("none", null), ("empty", ""), ("a b", "3")]);
        Assert.That(uri.AbsoluteUri, Is.EqualTo("http://stub.test:5000/api/x?a%20b=1%262%2F%C3%BC%2B&empty=&a%20b=3"));
    }

    [TestCase(408)]
    [TestCase(429)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    public async Task A_server_in_trouble_is_asked_again_up_to_three_times(int status)
    {
        _server.Answers(status).Answers(status).Answers(status).Answers(200, """{"experiment_id": "7"}""");
        var answer = await _server.RunAsync(PostAsync(mayRepeat: true));
        Assert.That(answer.ExperimentId, Is.EqualTo("7"));
        Assert.That(_server.Requests, Has.Count.EqualTo(4));
        Assert.That(_server.Requests, Is.All.EqualTo("""POST http://stub.test:5000/create {"name":"a"}"""), "anew each time");
        Assert.That(Pauses.Zip([0.5, 1, 2]), Is.All.Matches<(TimeSpan Waited, double Most)>(p => p.Waited.TotalSeconds < p.Most), "full jitter");
    }

    [Test]
    public async Task The_last_error_is_thrown_when_the_tries_are_used_up()
    {
        _server.Answers(503).Answers(503).Answers(503).Answers(502, "bad gateway");
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That((error.StatusCode, error.IsTransient, error.MayBeApplied), Is.EqualTo((HttpStatusCode.BadGateway, true, true)));
        Assert.That(error.Message, Does.Contain("bad gateway"));
    }

    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    [TestCase(408)]
    public async Task What_must_not_be_repeated_is_not_when_the_server_may_have_done_it(int status)
    {
        _server.Answers(status);
        var error = await _server.FailureAsync(PostAsync(mayRepeat: false));
        Assert.That((error.IsTransient, error.MayBeApplied), Is.EqualTo((true, true)));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_must_not_be_repeated_is_after_429_and_without_a_connection()
    {
        _server.Answers(429)
            .Fails(new HttpRequestException(HttpRequestError.ConnectionError))
            .Fails(new HttpRequestException("refused", new SocketException((int)SocketError.ConnectionRefused)))
            .Answers(200, """{"experiment_id": "7"}""");
        Assert.That((await _server.RunAsync(PostAsync(mayRepeat: false))).ExperimentId, Is.EqualTo("7"));
    }

    [Test]
    public async Task A_server_that_cannot_be_reached_has_done_nothing()
    {
        for (var i = 0; i < 4; i++)
        {
            _server.Fails(new HttpRequestException(HttpRequestError.NameResolutionError, "No such host is known."));
        }

        var error = await _server.FailureAsync(PostAsync(mayRepeat: false));
        Assert.That((error.ErrorCode, error.StatusCode), Is.EqualTo((ErrorCode.TemporarilyUnavailable, (HttpStatusCode?)null)));
        Assert.That((error.IsTransient, error.MayBeApplied), Is.EqualTo((true, false)));
        Assert.That(error.Message, Does.Contain("http://stub.test:5000/").And.Contain("No such host is known."));
    }

    [Test]
    public async Task A_connection_that_breaks_after_sending_leaves_open_what_was_done()
    {
        var reset = new SocketException((int)SocketError.ConnectionReset);
        _server.Fails(new HttpRequestException("reset", new IOException("reset by peer", reset)));
        var error = await _server.FailureAsync(PostAsync(mayRepeat: false));
        Assert.That((error.IsTransient, error.MayBeApplied), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task A_refusal_after_an_unclear_try_still_says_that_the_try_was_unclear()
    {
        _server.Answers(502).Answers(400, """{"error_code": "BAD_REQUEST", "message": "twice"}""");
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That((error.ErrorCode, error.IsTransient, error.MayBeApplied), Is.EqualTo(("BAD_REQUEST", false, true)));
    }

    [Test]
    public async Task A_certificate_that_is_not_trusted_is_not_tried_again()
    {
        _server.Fails(new HttpRequestException(HttpRequestError.SecureConnectionError, "The SSL connection could not be established."));
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That(error.Message, Does.Contain("MLFLOW_TRACKING_SERVER_CERT_PATH"));
    }

    [Test]
    public async Task Retry_after_is_waited_given_in_seconds()
    {
        _server.Answers(503, "{}", ("Retry-After", "17")).Answers(200);
        await _server.RunAsync(PostAsync(mayRepeat: true));
        Assert.That(Pauses, Is.EqualTo(new[] { TimeSpan.FromSeconds(17) }));
    }

    [Test]
    public async Task Retry_after_is_waited_given_as_a_date()
    {
        var date = _server.Clock.GetUtcNow().AddSeconds(9).ToString("R", CultureInfo.InvariantCulture);
        _server.Answers(429, "{}", ("Retry-After", date)).Answers(200);
        await _server.RunAsync(PostAsync(mayRepeat: false));
        Assert.That(Pauses, Is.EqualTo(new[] { TimeSpan.FromSeconds(9) }));
    }

    [Test]
    public async Task Retry_after_is_waited_thirty_seconds_at_most()
    {
        _server.Answers(503, "{}", ("Retry-After", "86400")).Answers(200);
        await _server.RunAsync(PostAsync(mayRepeat: true));
        Assert.That(Pauses, Is.EqualTo(new[] { TimeSpan.FromSeconds(30) }));
    }

    [TestCase("Thu, 01 Jan 1970 00:00:00 GMT")]
    [TestCase("-5")]
    [TestCase("soon")]
    public async Task Retry_after_that_makes_no_sense_does_not_hold_up(string value)
    {
        _server.Answers(503, "{}", ("Retry-After", value)).Answers(200);
        await _server.RunAsync(PostAsync(mayRepeat: true));
        Assert.That(Pauses, Is.All.LessThan(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task The_wait_that_a_server_asks_for_is_told_to_the_caller()
    {
        _server.Answers(429, "{}", ("Retry-After", "120"));
        using var sender = _server.Sender(new HttpSettings { Retries = 0 });
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true, sender));
        Assert.That(error.RetryAfter, Is.EqualTo(TimeSpan.FromMinutes(2)));
    }

    [TestCase("INVALID_STATE")]
    [TestCase("FEATURE_DISABLED")]
    [TestCase("DATA_LOSS")]
    public async Task A_500_that_says_what_is_wrong_is_not_tried_again(string code)
    {
        _server.Answers(500, $$"""{"error_code": "{{code}}", "message": "no"}""");
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That((error.ErrorCode, error.IsTransient), Is.EqualTo((code, false)));
    }

    [Test]
    public async Task A_500_with_the_code_of_an_accident_is_tried_again()
    {
        _server.Answers(500, """{"error_code": "INTERNAL_ERROR", "message": "database is locked"}""").Answers(200);
        await _server.RunAsync(PostAsync(mayRepeat: true));
        Assert.That(_server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_service_that_the_server_was_started_without_is_not_waited_for()
    {
        _server.Answers(503, "Endpoint: /x disabled due to the mlflow server running in `--artifacts-only` mode.");
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That(error.IsTransient, Is.False);
        Assert.That(error.Message, Does.Contain("--artifacts-only"));
    }

    [TestCase("")]
    [TestCase("200 OK")]
    [TestCase("{}")]
    public async Task An_empty_answer_is_an_empty_object(string body)
    {
        _server.Answers(200, body);
        Assert.That((await _server.RunAsync(PostAsync(mayRepeat: true))).ExperimentId, Is.Null);
    }

    [Test]
    public async Task A_good_status_with_a_page_is_no_answer()
    {
        _server.Answers(200, Page);
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That((error.IsTransient, error.MayBeApplied), Is.EqualTo((true, true)));
        Assert.That(error.Message, Does.Contain("login page").And.Not.Contain("<"));
    }

    [TestCase("""{"experiment_id": "7""")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("not found")]
    public async Task A_good_status_with_something_else_than_an_object_is_no_answer(string body)
    {
        _server.Answers(200, body);
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That((error.ErrorCode, error.IsTransient), Is.EqualTo((ErrorCode.TemporarilyUnavailable, true)));
    }

    [Test]
    public async Task A_body_that_breaks_off_is_a_failed_try()
    {
        _server.Answers((_, _) => Task.FromResult(BrokenOff(HttpStatusCode.OK))).Answers(200, """{"experiment_id": "7"}""");
        Assert.That((await _server.RunAsync(PostAsync(mayRepeat: true))).ExperimentId, Is.EqualTo("7"));
    }

    [Test]
    public async Task An_errors_body_that_breaks_off_does_not_hide_the_error()
    {
        _server.Answers((_, _) => Task.FromResult(BrokenOff(HttpStatusCode.Forbidden)));
        Assert.That((await _server.FailureAsync(PostAsync(mayRepeat: true))).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task An_error_that_breaks_off_before_it_has_said_what_is_missing_is_asked_for_again()
    {
        _server.Answers((_, _) => Task.FromResult(BrokenOff(HttpStatusCode.NotFound)))
            .Answers(404, """{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}""");
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That((error.ErrorCode, error.IsTransient), Is.EqualTo((ErrorCode.ResourceDoesNotExist, false)));
    }

    [TestCase(HttpStatusCode.BadRequest)]
    [TestCase(HttpStatusCode.NotFound)]
    public async Task A_refusal_that_breaks_off_may_pass_and_has_done_nothing(HttpStatusCode status)
    {
        _server.Answers((_, _) => Task.FromResult(BrokenOff(status)));
        var error = await _server.FailureAsync(PostAsync(mayRepeat: false));
        Assert.That((error.StatusCode, error.IsTransient, error.MayBeApplied), Is.EqualTo(((HttpStatusCode?)null, true, false)));
    }

    [TestCase("""{"detail": "Not Found"}""")]
    [TestCase("404 page not found")]
    [TestCase("")]
    [TestCase(Page)]
    public async Task A_404_that_names_nothing_is_a_missing_route(string body)
    {
        _server.Answers(404, body);
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That(RestErrors.IsMissingRoute(error), Is.True);
        Assert.That(error.Message, Does.Contain("does not know this endpoint"));
    }

    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_on_the_same_server_keeps_method_and_body(int status)
    {
        _server.Answers(status, "", ("Location", "/mlflow/create")).Answers(200);
        await _server.RunAsync(PostAsync(mayRepeat: false));
        Assert.That(_server.Requests[1], Is.EqualTo("""POST http://stub.test:5000/mlflow/create {"name":"a"}"""));
    }

    [Test]
    public async Task A_redirect_to_https_at_the_same_port_is_followed()
    {
        _server.Answers(308, "", ("Location", "https://stub.test:5000/create")).Answers(200);
        await _server.RunAsync(PostAsync(mayRepeat: false));
        Assert.That(_server.Requests[1], Does.StartWith("POST https://stub.test:5000/create"));
    }

    [TestCase("https://stub.test/create")]
    [TestCase("https://stub.test:8443/create")]
    [TestCase("http://stub.test/create")]
    [TestCase("http://ann@stub.test:5000/create")]
    public async Task A_redirect_to_another_port_of_the_same_host_is_not_followed(string to)
    {
        _server.Answers(308, "", ("Location", to));
        Assert.That((await _server.FailureAsync(PostAsync(mayRepeat: true))).StatusCode, Is.EqualTo(HttpStatusCode.PermanentRedirect));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_redirect_that_would_lose_the_body_is_not_followed()
    {
        _server.Answers(302, "", ("Location", "/login")).Answers(302, "", ("Location", "/other")).Answers(200);
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That(error.StatusCode, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That(error.Message, Does.Contain("http://stub.test:5000/login").And.Contain("POST follows 307 and 308 alone").And.Contain("login"));
        await _server.RunAsync(_sender.GetBytesAsync("get", [], default));
        Assert.That(_server.Requests[^1], Is.EqualTo("GET http://stub.test:5000/other"), "a GET has none");
    }

    [Test]
    public async Task A_redirect_to_another_host_is_not_followed_and_names_it()
    {
        _server.Answers(307, "", ("Location", "https://elsewhere.test/create?token=secret"));
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That(error.Message, Does.Contain("https://elsewhere.test").And.Not.Contain("secret"));
    }

    [TestCase(301, "https://stub.test:5000/create?token=secret", "https://stub.test:5000/create", "POST", "use https://stub.test:5000 as")]
    [TestCase(302, "/mlflow/create", "http://stub.test:5000/mlflow/create", "POST", "use http://stub.test:5000/mlflow as")]
    [TestCase(308, "https://stub.test/base/create", "https://stub.test/base/create", "another origin", "use https://stub.test/base as")]
    [TestCase(308, "https://elsewhere.test/home", "https://elsewhere.test/home", "another origin", "use its address as")]
    [TestCase(307, "http://ann:secret@stub.test:5000/create", "http://stub.test:5000/create", "user name", "use its address as")]
    [TestCase(302, "http://[", "without a usable address", "", "")]
    public async Task A_redirect_that_is_not_followed_says_where_why_and_what_to_do(int status, string to, params string[] said)
    {
        _server.Answers(status, "", ("Location", to));
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        foreach (var part in said)
        {
            Assert.That(error.Message, Does.Contain(part).And.Not.Contain("secret"));
        }
    }

    [Test]
    public async Task A_redirect_that_the_settings_forbid_is_not_followed_and_says_so()
    {
        _server.Answers(307, "", ("Location", "/mlflow/create"));
        using var sender = _server.Sender(new HttpSettings { FollowsRedirects = false });
        var error = await _server.FailureAsync(PostAsync(mayRepeat: true, sender));
        Assert.That(error.Message, Does.Contain("MLFLOW_ALLOW_HTTP_REDIRECTS"));
    }

    [Test]
    public async Task A_circle_of_redirects_ends()
    {
        for (var i = 0; i < 6; i++)
        {
            _server.Answers(307, "", ("Location", "/create"));
        }

        var error = await _server.FailureAsync(PostAsync(mayRepeat: true));
        Assert.That(error.StatusCode, Is.EqualTo(HttpStatusCode.TemporaryRedirect));
        Assert.That(error.Message, Does.Contain("too many redirects"));
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_given_up_after_the_time_out()
    {
        _server.Hangs();
        using var sender = _server.Sender(new HttpSettings { RequestTimeout = TimeSpan.FromSeconds(3) });
        var error = await _server.FailureAsync(PostAsync(mayRepeat: false, sender));
        Assert.That((error.IsTransient, error.MayBeApplied), Is.EqualTo((true, true)));
        Assert.That(error.Message, Does.Contain("within 3 s"));
    }

    [Test]
    public async Task A_time_out_is_tried_again_where_that_does_no_harm()
    {
        _server.Hangs().Answers(200, """{"experiment_id": "7"}""");
        Assert.That((await _server.RunAsync(PostAsync(mayRepeat: true))).ExperimentId, Is.EqualTo("7"));
        Assert.That(_server.Clock.Waits, Has.Some.EqualTo(TimeSpan.FromSeconds(120)));
    }

    [Test]
    public async Task A_time_out_of_the_http_client_is_no_cancellation()
    {
        _server.Fails(new TaskCanceledException("The request was canceled due to HttpClient.Timeout.", new TimeoutException()));
        Assert.That((await _server.FailureAsync(PostAsync(mayRepeat: false))).IsTransient, Is.True);
    }

    [Test]
    public async Task A_cancelled_call_ends_at_once_also_between_two_tries()
    {
        using var cancelled = new CancellationTokenSource();
        _server.Answers(503, "{}", ("Retry-After", "30"));
        var call = _sender.GetBytesAsync("get", [], cancelled.Token);
        Assert.That(call.IsCompleted, Is.False);
        await cancelled.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => call);
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_stream_is_handed_out_unread()
    {
        _server.Answers(503).Answers(200, "content");
        using var response = await _server.RunAsync(
            _sender.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(StubServer.Address, "file")), mayRepeat: true, default));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("content"));
    }

    /// <summary>The waits between tries: all but those for an answer (120 s) and for an error's body (5 s).</summary>
    private IEnumerable<TimeSpan> Pauses
        => _server.Clock.Waits.Where(wait => wait != TimeSpan.FromSeconds(120) && wait != TimeSpan.FromSeconds(5));

    private Task<CreateExperimentResponse> PostAsync(bool mayRepeat, RestSender? sender = null) => (sender ?? _sender).SendAsync(
        HttpMethod.Post,
        "create",
        new CreateExperimentRequest("a"),
        RestJson.Default.CreateExperimentRequest,
        RestJson.Default.CreateExperimentResponse,
        default,
        mayRepeat);

    private static HttpResponseMessage BrokenOff(HttpStatusCode status) => new(status) { Content = new StreamContent(new BrokenStream()) };

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => throw new IOException("The connection broke off.");
    }
}
