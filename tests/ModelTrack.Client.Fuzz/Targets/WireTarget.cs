using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Fuzz.Mutation;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// A server's answer: the input's first byte says to which call, the second its status, the rest is the body. The call has a result or
/// fails with a <see cref="ModelTrackException"/>; paths in it are inside.
/// </summary>
internal sealed class WireTarget : FuzzTarget
{
    private const int MaxRequests = 12;

    private static readonly int[] Statuses = [200, 200, 200, 200, 400, 404, 500, 503, 429, 401, 403, 413, 302, 204];

    private readonly Answerer _server = new();
    private readonly RestBackend _backend;
    private readonly RestModelRegistry _registry;
    private readonly RestLoggedModels _models;
    private readonly (string Route, Func<string> Call)[] _calls;

    public WireTarget()
    {
#pragma warning disable CA2000 // The connection disposes it.
        _backend = new RestBackend(ServerConnection.For(
            new Uri("http://server.test:5000"), new HttpClient(_server) { Timeout = Timeout.InfiniteTimeSpan }, TimeProvider.System, new HttpSettings { Retries = 0 }));
#pragma warning restore CA2000
        _registry = new RestModelRegistry(_backend.Sender);
        _models = new RestLoggedModels(new LoggedModelsApi(_backend.Sender));
        _calls =
        [
            ("runs/get", () => Describe(Done(_backend.GetRunAsync("r", default)))),
            ("runs/search", () =>
            {
                var page = Done(_backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["1"] }, null, default));
                page.Items.ToList().ForEach(run => Describe(run));
                return $"{page.Items.Count} {page.NextPageToken is null}";
            }),
            ("experiments/get", () => Done(_backend.GetExperimentAsync("1", default)) is var one ? $"{one.LifecycleStage} {one.Tags.Count} {one.CreationTime is null}" : ""),
            ("experiments/get-by-name", () => $"{Done(_backend.FindExperimentAsync("a", default)) is null}"),
            ("experiments/search", () => $"{Done(_backend.SearchExperimentsAsync(new ExperimentQuery(), null, default)).Items.Count}"),
            ("metrics/get-history", () => $"{_backend.GetMetricHistoryAsync("r", "k", default).ToBlockingEnumerable().Count()}"),
            ("artifacts/list", () =>
            {
                var list = Done(_backend.ListArtifactsAsync("r", "", default));
                list.ToList().ForEach(entry => PathTarget.CheckInside(entry.Path));
                return $"{list.Count}";
            }),
            ("registered-models/get", () => Done(_registry.GetModelAsync("m", default)) is var model ? $"{model.Aliases.Count} {model.Tags.Count} {model.Description?.Length > 0}" : ""),
            ("registered-models/search", () => $"{Done(_registry.SearchModelsAsync(new RegistryQuery(), null, default)).Items.Count}"),
            ("model-versions/get", () => Done(_registry.GetVersionAsync("m", 1, default)) is var version ? $"{version.Status} {version.Stage} {version.Tags.Count}" : ""),
            ("model-versions/search", () => $"{Done(_registry.SearchVersionsAsync(new RegistryQuery(), null, default)).Items.Count}"),
            ("model-versions/get-download-uri", () => $"{Done(_registry.GetDownloadUriAsync("m", 1, default)).Length > 0}"),
            ("registered-models/get-latest-versions", () => $"{Done(_registry.GetLatestVersionsAsync("m", [], default)).Count}"),
            ("registered-models/alias", () => $"{Done(_registry.GetVersionByAliasAsync("m", "a", default)).Version > 0}"),
            ("logged-models/", () => $"{Done(_models.FindAsync("m-1", default)) is null}"),
            ("server-info", () =>
            {
                // What a server is it is asked once; this one is another each time.
                using var features = new ServerFeatures(new ServiceApi(_backend.Sender), new Uri("http://server.test:5000"));
                return $"{Done(features.GetAsync(default))}";
            }),
        ];
    }

    public override string Name => "wire";

    public override int ShortCount => 4_000;

    public override int BytesPerByte => 1000;

    protected override IReadOnlyList<string> Words =>
    [
        "null", "NaN", "Infinity", "-Infinity", "1e999", "\"NaN\"", "\"\\ud800\"", "\\u0000", "9223372036854775808", "-1", "0.5", "true", "[]", "{}", "[[[[[[[[", "{\"a\":", "\"key\": ", "\"value\": ", "\"path\": \"../x\"",
        "\"path\": \"/etc\"", "\"is_dir\": true", "\"file_size\": \"x\"", "\"next_page_token\": \"t\"", "\"error_code\": ", "\"message\": ", "\"status\": \"NOPE\"", "\"version\": \"x\"", "<html>", "\ufeff", "\"timestamp\": ", "\"step\": \"1\"", "\xff",
    ];

    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fixtures", "http"), "*.json").Order(StringComparer.Ordinal))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var path = json.RootElement.GetProperty("request").GetProperty("path").GetString()!;
            var answer = json.RootElement.GetProperty("response");
            var call = Array.FindLastIndex(_calls, one => path.Contains(one.Route, StringComparison.Ordinal));
            if (call >= 0 && answer.GetProperty("body").GetRawText() is { Length: < 8 << 10 } body)
            {
                yield return [(byte)call, (byte)Math.Max(0, Array.IndexOf(Statuses, answer.GetProperty("status").GetInt32())), .. System.Text.Encoding.UTF8.GetBytes(body)];
            }
        }

        foreach (var kept in SeedFiles.Kept(Name))
        {
            yield return kept;
        }
    }

    public override byte[] Next(Random random, IReadOnlyList<byte[]> pool)
    {
        var input = pool[random.Next(pool.Count)];
        if (input.Length < 2)
        {
            return [0, 0];
        }

        var call = random.Next(10) == 0 ? (byte)random.Next(_calls.Length) : input[0];
        var status = random.Next(10) == 0 ? (byte)random.Next(Statuses.Length) : input[1];
        return [call, status, .. new Mutator(random, Words).Mutate([input[2..], pool[random.Next(pool.Count)]])];
    }

    public override Outcome Read(byte[] input)
    {
        var (route, call) = _calls[(input.Length > 0 ? input[0] : 0) % _calls.Length];
        var status = Statuses[(input.Length > 1 ? input[1] : 0) % Statuses.Length];
        _server.Answer(status, input[Math.Min(2, input.Length)..]);
        try
        {
            return new Outcome(Depth.Read, $"{route} {status} {call()}");
        }
        catch (ModelTrackException e)
        {
            var isJson = !e.Message.Contains("no JSON object", StringComparison.Ordinal);
            return new Outcome(isJson ? Depth.Partial : Depth.Refused, $"{route} {status} {e.ErrorCode} {isJson} {e.InnerException?.GetType().Name} {e.IsServersWord}");
        }
    }

    protected override void Close()
    {
        _registry.Dispose();
        _backend.Dispose();
    }

    private static T Done<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static string Describe(RunSnapshot run)
        => $"{run.Status} {run.EndTime is null} {run.Metrics.Count} {run.Params.Count} {run.Tags.Count} {run.DatasetInputs.Count} {run.ModelOutputs.Count} {run.ParentRunId is null}";

    private sealed class Answerer : HttpMessageHandler
    {
        private int _status;
        private byte[] _body = [];
        private int _requests;

        public void Answer(int status, byte[] body) => (_status, _body, _requests) = (status, body, 0);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // A server that has always one more page is believed: what it gives goes to the caller, who stops when it is enough.
            var body = ++_requests > MaxRequests ? "{}"u8.ToArray() : _body;
            var response = new HttpResponseMessage((HttpStatusCode)_status) { Content = new ByteArrayContent(body), RequestMessage = request };
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return Task.FromResult(response);
        }
    }
}
