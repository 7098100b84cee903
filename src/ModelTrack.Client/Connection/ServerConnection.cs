namespace ModelTrack.Client;

/// <summary>An MLflow server as it is reached: its address, the HTTP client, and what is added to a request so that the server takes it.</summary>
internal sealed class ServerConnection : IDisposable
{
    private readonly HttpClient _client;

    private ServerConnection(Uri baseUri, HttpClient client, TimeProvider clock)
    {
        BaseUri = baseUri;
        _client = client;
        Clock = clock;
    }

    /// <summary>The server's address, with the path prefix it may have, without a slash at its end and without user info.</summary>
    public Uri BaseUri { get; }

    /// <summary>What journals are kept for: address and workspace. Without secrets.</summary>
    public string Destination => BaseUri.AbsoluteUri.TrimEnd('/');

    public HttpSettings Settings { get; private init; } = new();

    public TimeProvider Clock { get; }

    public static ServerConnection Open(TrackingUri uri, TrackerOptions options, TrackingEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        return new ServerConnection(uri.Server!, new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }, options.TimeProvider);
    }

    /// <summary>A server behind a client that is given.</summary>
    public static ServerConnection For(Uri server, HttpClient client, TimeProvider clock, HttpSettings? settings = null)
        => new(server, client, clock) { Settings = settings ?? new HttpSettings() };

    /// <summary>The client to send with; never disposed by who asks. Follows no redirects and has no time-out of its own.</summary>
    public HttpClient GetClient() => _client;

    /// <summary>
    /// Adds credentials, workspace and user agent to a request that goes to the server's own origin; to no other.
    /// </summary>
    public ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.RequestUri?.Host == BaseUri.Host)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", "modeltrack-dotnet");
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>After a 401: drops what the request was authorized with; true when another try may have better credentials.</summary>
    public ValueTask<bool> RenewAsync(HttpRequestMessage refused, CancellationToken cancellationToken)
        => ValueTask.FromResult(refused.RequestUri is null && BaseUri is null);

    public void Dispose() => _client.Dispose();
}
