using System.Net;
using System.Text.Json;
using ModelTrack.Client.Tests.Backends.Rest.Recording;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>Every error that was recorded, of whatever endpoint, as the exception that users see.</summary>
[TestFixture]
internal sealed class RecordedErrorTests
{
    private static IEnumerable<TestCaseData> Errors()
        => RecordedExchange.All.Where(e => !e.IsSuccess).Select(e => new TestCaseData(e).SetArgDisplayNames(e.Name));

    [TestCaseSource(nameof(Errors))]
    public void An_error_is_an_exception_with_the_servers_code_and_words(RecordedExchange exchange)
    {
        using var sender = RecordedChecks.SenderTo(new RecordedServer(exchange));
        var uri = sender.UriOf(exchange.Route.TrimStart('/'), exchange.Query.Select(pair => (pair.Name, (string?)pair.Value)));
        var error = Assert.ThrowsAsync<ModelTrackException>(() => sender.SendAsync(
            () => new HttpRequestMessage(new HttpMethod(exchange.Method), uri), mayRepeat: true, default))!;
        var json = exchange.ResponseBody.ValueKind == JsonValueKind.Object ? exchange.ResponseBody : default(JsonElement?);
        var code = json?.GetProperty("error_code").GetString();
        Assert.Multiple(() =>
        {
            Assert.That(error.StatusCode, Is.EqualTo((HttpStatusCode)exchange.Status));
            Assert.That(error.ErrorCode, Is.EqualTo(code ?? CodeOf(exchange.Status)));
            // MLflow answers some mistakes with 500; only those are worth a repetition that do not say what they are.
            Assert.That(error.IsTransient, Is.EqualTo(exchange.Status == 500 && code is null or "INTERNAL_ERROR"));
            Assert.That(error.MayBeApplied, Is.EqualTo(exchange.Status >= 500));
            Assert.That(error.Message, Does.Contain($" answered {exchange.Status} to {exchange.Method} {uri.AbsolutePath}: "));
        });
        if (json is { } said)
        {
            Assert.That(error.Message, Does.Contain(said.GetProperty("message").GetString()!));
            return;
        }

        var text = exchange.ResponseBody.GetString()!;
        Assert.That(error.Message, text.StartsWith('<') ? Does.Not.Contain("<") : Does.Contain(text));
    }

    [Test]
    public void A_refusal_of_credentials_or_of_the_host_says_what_to_do()
    {
        Assert.That(MessageOf("375-auth-no-credentials"), Does.Contain("MLFLOW_TRACKING_USERNAME").And.Contain("not authenticated"));
        Assert.That(MessageOf("384-auth-forbidden-user"), Does.Contain("Permission denied").And.Contain("credentials"));
        Assert.That(MessageOf("373-security-bad-host"), Does.Contain("--allowed-hosts"));
        Assert.That(MessageOf("005-unknown-api-path"), Does.Contain("does not know this endpoint"));
        Assert.That(MessageOf("022-experiments-get-not-found"), Does.EndWith("No Experiment with id=999999 exists"));
    }

    [TestCase(404, "does not know this endpoint")]
    [TestCase(413, "nginx: client_max_body_size")]
    [TestCase(504, "nginx: proxy_read_timeout")]
    public async Task A_page_of_a_proxy_is_not_shown_and_what_helps_is_said(int status, string advice)
    {
        var server = new StubServer();
        using var sender = server.Sender();
        for (var tried = 0; tried < 4; tried++)
        {
            server.Answers(status, "<html><center>nginx/1.18.0</center></html>");
        }

        var message = (await server.FailureAsync(sender.GetBytesAsync("anything", [], default))).Message;
        Assert.That(message, Does.Contain($" answered {status} to GET /anything: ").And.Contain(advice));
        Assert.That(message, Does.Not.Contain("<").And.Not.Contain("1.18"));
    }

    private static string MessageOf(string recording)
    {
        using var sender = RecordedChecks.SenderTo(new RecordedServer(RecordedExchange.Named(recording)));
        return Assert.ThrowsAsync<ModelTrackException>(() => sender.GetBytesAsync("anything", [], default))!.Message;
    }

    private static string CodeOf(int status) => status switch
    {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 or 405 => "ENDPOINT_NOT_FOUND",
        500 => "INTERNAL_ERROR",
        _ => "",
    };
}
