using System.Net;
using System.Text;

namespace ModelTrack.Client.AotSmoke;

/// <summary>As much of a server as a run needs: it makes experiments and runs, and keeps what comes in batches as it came.</summary>
internal sealed class AnyServer : IDisposable
{
    private const string Run = """
        {"run":{"info":{"run_id":"0123456789abcdef0123456789abcdef","experiment_id":"1","status":"RUNNING","start_time":1,"lifecycle_stage":"active",
        "artifact_uri":"mlflow-artifacts:/1/0123456789abcdef0123456789abcdef/artifacts"},"data":{}}}
        """;

    private readonly HttpListener _listener = new();
    private readonly StringBuilder _batches = new();
    private readonly Task _serving;

    public AnyServer()
    {
        // HttpListener takes no port 0; a few are tried.
        for (var port = 41_000; ; port++)
        {
            try
            {
                _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
                _listener.Start();
                Url = $"http://127.0.0.1:{port}";
                break;
            }
            catch (HttpListenerException) when (port < 41_100)
            {
                _listener.Prefixes.Clear();
            }
        }

        _serving = ServeAsync();
    }

    public string Url { get; }

    public string Batches
    {
        get
        {
            lock (_batches)
            {
                return _batches.ToString();
            }
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                var body = await reader.ReadToEndAsync();
                var answer = Encoding.UTF8.GetBytes(AnswerTo(context.Request.Url!.AbsolutePath, body));
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(answer);
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // It was told to stop.
        }
    }

    private string AnswerTo(string path, string body)
    {
        if (path.EndsWith("/runs/log-batch", StringComparison.Ordinal))
        {
            lock (_batches)
            {
                _batches.Append(body);
            }
        }

        return path switch
        {
            _ when path.Contains("/experiments/get", StringComparison.Ordinal) => """{"experiment":{"experiment_id":"1","name":"e","lifecycle_stage":"active"}}""",
            _ when path.EndsWith("/runs/create", StringComparison.Ordinal) || path.EndsWith("/runs/get", StringComparison.Ordinal) => Run,
            _ when path.EndsWith("/runs/update", StringComparison.Ordinal) => """{"run_info":{}}""",
            _ => "{}",
        };
    }
}
