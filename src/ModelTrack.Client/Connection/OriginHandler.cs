namespace ModelTrack.Client;

/// <summary>
/// Two sets of connections: to the server, with its rules for TLS, and to everybody else (the storage behind presigned URLs), with the
/// system's.
/// </summary>
internal sealed class OriginHandler(HttpMessageHandler own, HttpMessageHandler others) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _own = new(own);
    private readonly HttpMessageInvoker _others = new(others);

    /// <summary>As options and variables say.</summary>
    /// <exception cref="ArgumentException">One of them breaks its rule.</exception>
    public static OriginHandler Create(TrackerOptions options, TrackingEnvironment environment)
    {
        var settings = HttpSettings.From(options, environment);
        var own = Connections(settings);
        TlsSettings.From(options, environment).ApplyTo(own.SslOptions);
        return new OriginHandler(own, Connections(settings));
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => For(request).SendAsync(request, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        => For(request).Send(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _own.Dispose();
            _others.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SocketsHttpHandler Connections(HttpSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            // Who sends follows redirects itself, and knows which.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = settings.MaxConnections ?? int.MaxValue,
        };
        if (settings.KeepAlive is { } keepAlive)
        {
            handler.ConnectCallback = keepAlive.ConnectAsync;
        }

        return handler;
    }

    private HttpMessageInvoker For(HttpRequestMessage request) => OwnOrigin.IsMarked(request) ? _own : _others;
}
