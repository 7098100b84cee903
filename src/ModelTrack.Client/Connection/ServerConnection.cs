using Microsoft.Extensions.Logging;

namespace ModelTrack.Client;

/// <summary>
/// An MLflow server as it is reached: its address, the HTTP client, and what is added to a request so that the server takes it. Safe for
/// calls from several threads.
/// </summary>
internal sealed class ServerConnection : IDisposable
{
    private const string WorkspaceHeader = "X-MLFLOW-WORKSPACE";

    private readonly Func<HttpClient> _clients;
    private readonly ServerCredentials _credentials;

    private ServerConnection(Uri baseUri, ServerCredentials credentials, Func<HttpClient> clients, TimeProvider clock)
    {
        BaseUri = baseUri;
        Clock = clock;
        _credentials = credentials;
        _clients = clients;
    }

    /// <summary>The server's address, with the path prefix it may have, without a slash at its end and without user info.</summary>
    public Uri BaseUri { get; }

    /// <summary>The workspace that requests are for; null: the server's default.</summary>
    public string? Workspace { get; private init; }

    /// <summary>What journals are kept for: address, workspace, and the model registry where it is elsewhere. Without secrets.</summary>
    public string Destination
    {
        get
        {
            var more = new[] { ("workspace", Workspace), ("registry", RegistryUri) }
                .Where(part => part.Item2 is not null)
                .Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}");
            return string.Join('#', new[] { BaseUri.AbsoluteUri.TrimEnd('/'), string.Join('&', more) }.Where(part => part.Length > 0));
        }
    }

    /// <summary>How many metric points the server takes in one request.</summary>
    public int MaxMetricsPerBatch { get; private init; } = ServerLimits.MlflowMetrics;

    public HttpSettings Settings { get; private init; } = new();

    public TimeProvider Clock { get; }

    private string? RegistryUri { get; init; }

    /// <summary>The client, when it is the connection's own.</summary>
    private HttpClient? OwnClient { get; init; }

    /// <summary>Prepares a connection. Nothing is sent.</summary>
    /// <param name="uri">A tracking URI of the kind <see cref="TrackingUriKind.Rest"/>.</param>
    /// <param name="options">Checked options; they come before the environment.</param>
    /// <param name="environment">The variables, and the user's folder.</param>
    /// <exception cref="ArgumentException">A setting breaks its rule, or one is missing.</exception>
    /// <exception cref="NotSupportedException">A setting asks for what is not known here.</exception>
    public static ServerConnection Open(TrackingUri uri, TrackerOptions options, TrackingEnvironment environment)
    {
        var logger = options.CreateLogger();
        var sources = new CredentialSources(options, environment, logger);
        var (server, credentials) = uri.ServerKind switch
        {
            ServerKind.Databricks when DatabricksConfig.Read(uri.DatabricksProfile, environment) is var config
                => (config.Host, sources.ForDatabricks(config)),
            ServerKind.AzureMl => (uri.Server!, sources.ForAzureMl(uri.Server!)),
            _ => (uri.Server!, sources.ForMlflow(uri.Server!, uri.UserInfo)),
        };
        var workspace = ServerWorkspace.Of(options, environment);
        var settings = HttpSettings.From(options, environment);
        var isInsecure = TlsSettings.IsInsecureIn(options, environment);
        var own = options.HttpClients is null
            ? new HttpClient(OriginHandler.Create(options, environment)) { Timeout = Timeout.InfiniteTimeSpan }
            : null;
        // Of given ones the first is made here, where a mistake in the settings is met, and while the container that it is from is open.
        _ = options.HttpClients?.Invoke();
        WarnOfOpenDoors(server, credentials, isInsecure, logger);
        return new ServerConnection(server, credentials, own is null ? options.HttpClients! : () => own, options.TimeProvider)
        {
            Workspace = workspace,
            RegistryUri = RegistryAddress.Of(uri, options, environment),
            MaxMetricsPerBatch = options.MaxMetricsPerBatch
                ?? (uri.ServerKind == ServerKind.AzureMl ? ServerLimits.AzureMlMetrics : ServerLimits.MlflowMetrics),
            Settings = settings,
            OwnClient = own,
        };
    }

    /// <summary>A server without credentials behind a client that is given.</summary>
    public static ServerConnection For(Uri server, HttpClient client, TimeProvider clock, HttpSettings? settings = null)
        => new(server, ServerCredentials.None, () => client, clock) { Settings = settings ?? new HttpSettings(), OwnClient = client };

    /// <summary>The client to send with; never disposed by who asks. Follows no redirects and has no time-out of its own.</summary>
    public HttpClient GetClient() => _clients();

    /// <summary>Whether an address is the server's own, so that its credentials may be sent there.</summary>
    public bool IsOwn(Uri? uri) => Origin.IsSameOrBetter(BaseUri, uri);

    /// <summary>
    /// Adds credentials, workspace and user agent to a request that goes to the server's own origin; to no other.
    /// </summary>
    /// <exception cref="ModelTrackException">There is no token to be had.</exception>
    public ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!IsOwn(request.RequestUri))
        {
            return ValueTask.CompletedTask;
        }

        OwnOrigin.Mark(request);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent.Text);
        if (Workspace is not null && !ServerWorkspace.IsManagedBy(request.RequestUri!, BaseUri))
        {
            request.Headers.TryAddWithoutValidation(WorkspaceHeader, Workspace);
        }

        return _credentials.AuthorizeAsync(request, cancellationToken);
    }

    /// <summary>After a 401: drops what the request was authorized with; true when another try may have better credentials.</summary>
    /// <exception cref="ModelTrackException">There is no token to be had.</exception>
    public ValueTask<bool> RenewAsync(HttpRequestMessage refused, CancellationToken cancellationToken)
        => IsOwn(refused.RequestUri) ? _credentials.RenewAsync(refused, cancellationToken) : ValueTask.FromResult(false);

    public void Dispose()
    {
        OwnClient?.Dispose();
        (_credentials as IDisposable)?.Dispose();
    }

    private static void WarnOfOpenDoors(Uri server, ServerCredentials credentials, bool isInsecure, ILogger logger)
    {
        if (server.Scheme == Uri.UriSchemeHttp && !server.IsLoopback && credentials.AreSecret)
        {
            logger.LogWarning("Credentials go to {Server} by plain http, where whoever is on the way can read them; use https", server);
        }

        if (server.Scheme == Uri.UriSchemeHttps && isInsecure)
        {
            logger.LogWarning("The certificate of {Server} is not checked, as was asked for: anybody could be answering in its place", server);
        }
    }
}
