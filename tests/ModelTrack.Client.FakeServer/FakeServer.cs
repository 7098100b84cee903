using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Fakes.Routes;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes;

/// <summary>
/// A tracking server of MLflow within the process: it listens at 127.0.0.1, keeps what it is told, and answers as MLflow does, errors and
/// oddities included. Tests look at what it has stored by <see cref="State"/>, and put faults in by <see cref="Interceptor"/>.
/// Requests change the state one after another; all members may be used from any thread.
/// </summary>
public sealed class FakeServer : IAsyncDisposable
{
    private const string WorkspaceHeader = "X-MLFLOW-WORKSPACE";
    private const string DefaultWorkspace = "default";

    private readonly FakeServerOptions _options;
    private readonly FakeServerVersion _version;
    private readonly FakeAuthentication _authentication;
    private readonly Dictionary<string, FakeState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly Router _router = new();
    private readonly WebApplication _host;
    private readonly ObjectStore? _objects;
    private Uri? _objectsUrl;
    private long _requestCount;

    private FakeServer(FakeServerOptions options)
    {
        _options = options;
        _version = FakeServerVersion.Parse(options.Version);
        _authentication = new FakeAuthentication(options);
        _objects = options.MultipartArtifacts ? new ObjectStore(() => _objectsUrl!, options.MinimumPartSize) : null;
        var now = options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
        var root = options.ArtifactRoot ?? (options.ServeArtifacts ? "mlflow-artifacts:" : "/srv/mlflow/mlruns");
        _states[DefaultWorkspace] = new FakeState(options.Semantics, now, root);
        foreach (var workspace in options.Workspaces)
        {
            _states[workspace] = new FakeState(options.Semantics, now, $"{root}/workspaces/{workspace}");
        }

        ServerRoutes.AddTo(_router);
        ExperimentRoutes.AddTo(_router);
        RunRoutes.AddTo(_router);
        MetricRoutes.AddTo(_router);
        BatchRoutes.AddTo(_router);
        SearchRoutes.AddTo(_router);
        InputRoutes.AddTo(_router);
        ArtifactRoutes.AddTo(_router);
        MultipartRoutes.AddTo(_router);
        LoggedModelSearchRoutes.AddTo(_router);
        LoggedModelRoutes.AddTo(_router);
        RegistrySearchRoutes.AddTo(_router);
        RegisteredModelRoutes.AddTo(_router);
        ModelVersionRoutes.AddTo(_router);
        _host = BuildHost(options);
    }

    /// <summary>Where it listens, with the path prefix if there is one, without a slash at the end.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>What is stored, in the default workspace if there are several.</summary>
    public FakeState State => _states[DefaultWorkspace];

    /// <summary>The requests so far, in the order of their arrival; those to the object store are not among them.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>Whether requests are kept in <see cref="Requests"/>; default: true. A torture of the server better turns it off.</summary>
    public bool RecordsRequests { get; set; } = true;

    /// <summary>How many requests arrived, recorded or not.</summary>
    public long RequestCount => Interlocked.Read(ref _requestCount);

    /// <summary>
    /// Called with every request before it is handled, its body read to the end and rewound; returns true when it has answered or aborted
    /// the request itself. <see cref="ApplyAsync"/> does what was asked without answering, so that an answer can get lost:
    /// <code>server.Interceptor = async context => { await server.ApplyAsync(context); context.Abort(); return true; };</code>
    /// </summary>
    public Func<HttpContext, Task<bool>>? Interceptor { get; set; }

    /// <summary>Why the object store refused requests, in its own words.</summary>
    public IReadOnlyCollection<string> ObjectStoreRefusals => _objects?.Refusals ?? [];

    /// <summary>How many uploads in parts are neither completed nor aborted.</summary>
    public int OpenUploads => _objects?.OpenUploads ?? 0;

    /// <summary>Starts a server.</summary>
    /// <param name="options">How it is set up; default: a database behind the latest version, without authentication.</param>
    /// <returns>The server.</returns>
    public static async Task<FakeServer> StartAsync(FakeServerOptions? options = null)
    {
        var server = new FakeServer(options ?? new FakeServerOptions());
        await server.RunAsync().ConfigureAwait(false);
        return server;
    }

    /// <summary>What is stored in a workspace.</summary>
    /// <param name="workspace">The workspace's name.</param>
    /// <returns>Its state.</returns>
    public FakeState StateOf(string workspace) => _states[workspace];

    /// <summary>Forgets the requests so far.</summary>
    public void ClearRequests() => _requests.Clear();

    /// <summary>Does what a request asks for, and returns the answer without sending it.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The answer.</returns>
    public async Task<FakeAnswer> ApplyAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var body = await ReadBodyAsync(context).ConfigureAwait(false);
        var target = Target(context);
        if (_objectsUrl is not null && context.Connection.LocalPort == _objectsUrl.Port)
        {
            return _objects!.Answer(context.Request, target, body, State);
        }

        try
        {
            return Handle(context, target, body);
        }
        catch (FakeException error)
        {
            return Json.Error(error, _version.ErrorsHaveClasses);
        }
        catch (ServerCrashException)
        {
            return FakeAnswer.Page(500);
        }
    }

    /// <summary>Sends an answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>Completes when it is sent.</returns>
    public static async Task SendAsync(HttpContext context, FakeAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(answer);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentLength = answer.Body.Length;
        if (context.Request.Method != "HEAD")
        {
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Requests that hang in an interceptor must not hold the end of a test up.
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false);
        await _host.StopAsync(now.Token).ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication BuildHost(FakeServerOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, options.Port);
            if (options.MultipartArtifacts)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
        });
        return builder.Build();
    }

    private static string Target(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.Body is not MemoryStream body)
        {
            body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            context.Request.Body = body;
        }

        body.Position = 0;
        return body.ToArray();
    }

    private async Task RunAsync()
    {
        _host.Run(OnRequestAsync);
        await _host.StartAsync().ConfigureAwait(false);
        var addresses = _host.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ToList();
        Url = new Uri(addresses[0] + _options.PathPrefix);
        if (_objects is not null)
        {
            _objectsUrl = new Uri(addresses[1]);
        }
    }

    private async Task OnRequestAsync(HttpContext context)
    {
        try
        {
            var body = await ReadBodyAsync(context).ConfigureAwait(false);
            if (_objectsUrl is null || context.Connection.LocalPort != _objectsUrl.Port)
            {
                Record(context, body);
            }

            if (Interceptor is { } interceptor && await interceptor(context).ConfigureAwait(false))
            {
                return;
            }

            await SendAsync(context, await ApplyAsync(context).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is IOException or OperationCanceledException)
        {
            // The client is gone, as it may.
        }
    }

    private void Record(HttpContext context, byte[] body)
    {
        Interlocked.Increment(ref _requestCount);
        if (RecordsRequests)
        {
            var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            _requests.Enqueue(new RecordedRequest(context.Request.Method, Target(context), headers, body));
        }
    }

    private FakeAnswer Handle(HttpContext context, string target, byte[] body)
    {
        var path = Uri.UnescapeDataString(target.Split('?')[0]);
        if (!path.StartsWith(_options.PathPrefix, StringComparison.Ordinal))
        {
            return FakeAnswer.Page(404);
        }

        path = path[_options.PathPrefix.Length..];
        if (_authentication.Refuse(context.Request, path) is { } refusal)
        {
            return refusal;
        }

        if (path.Contains("//", StringComparison.Ordinal))
        {
            return Redirect(context, path);
        }

        var state = FindState(context.Request.Headers[WorkspaceHeader].ToString().Trim(), path);
        var call = new Call
        {
            Method = context.Request.Method,
            Path = path,
            Query = [.. context.Request.Query.SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? "")))],
            ContentType = context.Request.ContentType,
            Body = body,
            State = state,
            Options = _options,
            Version = _version,
            Objects = _objects,
        };
        lock (state.Gate)
        {
            return _authentication.Answer(call) ?? _router.Answer(call);
        }
    }

    /// <summary>The web framework makes several slashes one, by sending the client elsewhere.</summary>
    private FakeAnswer Redirect(HttpContext context, string path)
    {
        while (path.Contains("//", StringComparison.Ordinal))
        {
            path = path.Replace("//", "/", StringComparison.Ordinal);
        }

        var location = $"{_options.PathPrefix}{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}{context.Request.QueryString}";
        return FakeAnswer.Text(308, "<!doctype html><title>Redirecting...</title>") with
        {
            Headers = new Dictionary<string, string> { ["Location"] = location },
        };
    }

    private FakeState FindState(string workspace, string path)
    {
        if (workspace.Length == 0 || !_version.AtLeast(3, 10) || path.EndsWith("/mlflow/server-info", StringComparison.Ordinal))
        {
            return State;
        }

        if (!_options.WorkspacesEnabled)
        {
            throw new FakeException(
                "FEATURE_DISABLED",
                "Workspace APIs are not available: workspaces are not enabled on this server");
        }

        return _states.TryGetValue(workspace, out var state) ? state : throw FakeException.NotFound($"Workspace '{workspace}' not found");
    }
}
