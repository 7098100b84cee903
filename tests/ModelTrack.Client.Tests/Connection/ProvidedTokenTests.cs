using System.Net;

namespace ModelTrack.Client.Tests.Connection;

internal sealed class ProvidedTokenTests
{
    private const string Route = "https://h/api/2.0/mlflow/runs/get";

    private readonly List<bool> _asked = [];

    [SetUp]
    public void Forget() => _asked.Clear();

    [Test]
    public async Task Every_request_asks()
    {
        using var server = Server((_, number) => $"t{number}", _ => HttpStatusCode.OK);

        await server.SendAsync(Route);
        await server.SendAsync(Route);

        Assert.That(Tokens(server), Is.EqualTo(new[] { "t1", "t2" }));
        Assert.That(_asked, Is.EqualTo(new[] { false, false }));
    }

    [Test]
    public async Task A_refused_token_is_renewed_once_and_the_request_sent_again()
    {
        var current = "old";
        using var server = Server(
            (request, _) => current = request.IsRenewal ? "new" : current,
            token => token == "new" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);

        await server.SendAsync(Route);
        await server.SendAsync(Route);

        Assert.That(Tokens(server), Is.EqualTo(new[] { "old", "new", "new" }));
        Assert.That(_asked, Is.EqualTo(new[] { false, true, false }));
    }

    [Test]
    public void A_server_that_refuses_every_token_ends_it_after_one_renewal()
    {
        using var server = Server((_, number) => $"t{number}", _ => HttpStatusCode.Unauthorized);

        var e = Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync(Route));

        Assert.That(e!.ErrorCode, Is.EqualTo(ErrorCode.Unauthenticated));
        Assert.That(Tokens(server), Is.EqualTo(new[] { "t1", "t2" }));
        Assert.That(_asked, Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public void The_same_token_again_is_not_sent_again()
    {
        using var server = Server((_, _) => "same", _ => HttpStatusCode.Unauthorized);

        Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync(Route));

        Assert.That(Tokens(server), Is.EqualTo(new[] { "same" }));
        Assert.That(_asked, Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public async Task Of_many_that_were_refused_one_asks_for_the_next_token()
    {
        var current = "old";
        using var server = Server(
            (request, _) => current = request.IsRenewal ? "new" : current,
            token => token == "new" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        var requests = new List<HttpRequestMessage>();
        for (var i = 0; i < 8; i++)
        {
            requests.Add(await server.AuthorizedAsync(new Uri(Route)));
        }

        var renewed = await Task.WhenAll(
            requests.Select(request => server.Connection.RenewAsync(request, CancellationToken.None).AsTask()));

        Assert.That(renewed, Is.All.True);
        Assert.That(_asked.Count(isRenewal => isRenewal), Is.EqualTo(1));
        Assert.That(await server.AuthorizationAsync(), Is.EqualTo("Bearer new"));
    }

    [Test]
    public async Task A_later_token_is_renewed_too()
    {
        var current = "t0";
        var expired = new HashSet<string?> { "t0" };
        using var server = Server(
            (request, number) => current = request.IsRenewal ? $"t{number}" : current,
            token => expired.Contains(token) ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
        await server.SendAsync(Route);

        expired.Add(current);
        await server.SendAsync(Route);

        Assert.That(_asked.Count(isRenewal => isRenewal), Is.EqualTo(2));
    }

    [Test]
    public void A_provider_that_fails_is_told_of_as_trouble_that_may_pass()
    {
        using var server = Server((_, _) => throw new HttpRequestException("client_secret=s3cret was refused"), _ => HttpStatusCode.OK);

        var e = Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync(Route));

        Assert.That(e!.Message, Does.Contain("TrackerOptions.TokenProvider").And.Contain("HttpRequestException"));
        Assert.That(e.ToString(), Does.Not.Contain("s3cret"));
        Assert.That(e.InnerException, Is.Null);
        Assert.That(e.IsTransient);
        Assert.That(server.Network.Requests, Is.Empty);
    }

    [Test]
    public void A_refusal_is_let_go_when_its_token_cannot_be_renewed()
    {
        using var refusal = new DisposedContent();
        using var server = new TestConnection(
            "https://h",
            new TrackerOptions { TokenProvider = (request, _) => request.IsRenewal ? throw new IOException() : new ValueTask<string>("old") },
            answer: _ => new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = refusal });

        Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync(Route));

        Assert.That(refusal.IsDisposed);
    }

    [TestCase("")]
    [TestCase(null)]
    [TestCase("s3\ncret")]
    [TestCase("s3 cret")]
    [TestCase("s3crét")]
    public void What_is_no_token_is_not_sent_and_not_shown(string? token)
    {
        using var server = Server((_, _) => token!, _ => HttpStatusCode.OK);

        var e = Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync(Route));

        Assert.That(e!.ToString(), Does.Contain("TrackerOptions.TokenProvider").And.Not.Contain("s3"));
        Assert.That(server.Network.Requests, Is.Empty);
    }

    [Test]
    public void A_cancelled_wait_for_a_token_is_a_cancelled_request()
    {
        using var over = new CancellationTokenSource();
        var options = new TrackerOptions
        {
            TokenProvider = async (_, token) =>
            {
                over.Cancel();
                await Task.Delay(Timeout.Infinite, token);
                return "";
            },
        };
        using var server = new TestConnection("https://h", options);

        Assert.That(
            async () => await server.Connection.AuthorizeAsync(new HttpRequestMessage(HttpMethod.Get, Route), over.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("s3cret", null)]
    [TestCase(null, "s3cret")]
    public void Fixed_credentials_are_not_sent_again(string? token, string? password)
    {
        using var server = new TestConnection(
            "https://h",
            new TrackerOptions { Token = token, UserName = password is null ? null : "ann", Password = password },
            answer: _ => new HttpResponseMessage(HttpStatusCode.Unauthorized));

        Assert.ThrowsAsync<ModelTrackException>(() => server.SendAsync(Route));

        Assert.That(server.Network.Requests, Has.Count.EqualTo(1));
    }

    private sealed class DisposedContent : StringContent
    {
        public DisposedContent()
            : base("no")
        {
        }

        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }

    private static IEnumerable<string?> Tokens(TestConnection server)
        => server.Network.Requests.Select(request => request.Authorization?.Replace("Bearer ", "", StringComparison.Ordinal));

    private TestConnection Server(Func<TokenRequest, int, string> provider, Func<string?, HttpStatusCode> answer)
        => new(
            "https://h",
            new TrackerOptions
            {
                TokenProvider = (request, _) =>
                {
                    _asked.Add(request.IsRenewal);
                    return new ValueTask<string>(provider(request, _asked.Count));
                },
            },
            answer: request => new HttpResponseMessage(answer(request.Authorization?.Replace("Bearer ", "", StringComparison.Ordinal))));
}
