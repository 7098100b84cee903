using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Connection;

/// <summary>A connection with everything around it in the test's hands: variables, home folder, network, log.</summary>
internal sealed class TestConnection : IDisposable
{
    private readonly RestSender _sender;

    public TestConnection(
        string uri,
        TrackerOptions? options = null,
        Dictionary<string, string>? variables = null,
        string? home = null,
        Func<RecordedRequest, HttpResponseMessage>? answer = null)
    {
        Network = new RecordingHandler(answer);
        options ??= new TrackerOptions();
        options.LoggerFactory ??= new ListLoggerFactory(Log);
        options.HttpClients ??= () => new HttpClient(Network, disposeHandler: false);
        Connection = ServerConnection.Open(
            TrackingUri.Parse(uri), options.Checked(), new TrackingEnvironment((variables ?? []).GetValueOrDefault, null, home));
        _sender = new RestSender(Connection);
    }

    public ServerConnection Connection { get; }

    public RecordingHandler Network { get; }

    public ListLogger Log { get; } = new();

    /// <summary>The header that a request to the server gets.</summary>
    public async Task<string?> AuthorizationAsync() => (await AuthorizedAsync(Connection.BaseUri)).Headers.Authorization?.ToString();

    public async Task<HttpRequestMessage> AuthorizedAsync(Uri uri)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        await Connection.AuthorizeAsync(request, CancellationToken.None);
        return request;
    }

    public async Task SendAsync(string uri)
    {
        using var response = await _sender.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, uri), mayRepeat: false, CancellationToken.None);
    }

    public void Dispose()
    {
        _sender.Dispose();
        Network.Dispose();
    }
}
