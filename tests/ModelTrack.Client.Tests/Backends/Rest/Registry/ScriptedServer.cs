using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>An HTTP server that answers as a test tells it to, one request after the other, and remembers what it was asked.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<ScriptedRequest, ScriptedAnswer> _answer;
    private readonly Task _serving;

    public ScriptedServer(Func<ScriptedRequest, ScriptedAnswer> answer)
    {
        _answer = answer;
        Uri = Listen(_listener);
        _serving = Task.Run(ServeAsync);
    }

    public string Uri { get; }

    public List<ScriptedRequest> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Stop();
        _serving.Wait(TimeSpan.FromSeconds(10));
        _listener.Close();
    }

    private static string Listen(HttpListener listener)
    {
        // The listener takes no port 0; a port that was free a moment ago is free, nearly always.
        for (var left = 5; ; left--)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                var port = ((IPEndPoint)probe.LocalEndpoint).Port;
                probe.Stop();
                var uri = $"http://127.0.0.1:{port}/";
                try
                {
                    listener.Prefixes.Add(uri);
                    listener.Start();
                    return uri;
                }
                catch (HttpListenerException) when (left > 1)
                {
                    listener.Prefixes.Clear();
                }
            }
        }
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var request = new ScriptedRequest(
                context.Request.HttpMethod, context.Request.RawUrl!, context.Request.ContentType, await reader.ReadToEndAsync());
            Requests.Add(request);
            var answer = _answer(request);
            if (answer.Status == 0)
            {
                // An answer that breaks off: of one that does not begin, the listener makes an empty one.
                context.Response.ContentLength64 = 100;
                await context.Response.OutputStream.WriteAsync("{"u8.ToArray());
                await context.Response.OutputStream.FlushAsync();
                context.Response.Abort();
                continue;
            }

            var body = Encoding.UTF8.GetBytes(answer.Body);
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            context.Response.ContentLength64 = body.Length;
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
    }
}
