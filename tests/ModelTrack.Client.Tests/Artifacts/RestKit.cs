using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Artifacts;

/// <summary>What sends to a server under test, without pauses between tries, and the artifacts of one run there.</summary>
internal sealed class RestKit : IDisposable
{
    public const string RunId = "1e8015abc4344c45928485bbf4dad56e";

    public RestKit(
        Uri server,
        string artifactUri = $"mlflow-artifacts:/1/{RunId}/artifacts",
        ArtifactSettings? settings = null,
        Action<TrackerOptions>? configure = null,
        TimeProvider? clock = null)
    {
        var options = new TrackerOptions { TimeProvider = clock ?? HurriedClock.WithoutPauses(), LoggerFactory = new OneLogger(Log) };
        configure?.Invoke(options);
        Sender = new RestSender(ServerConnection.Open(
            TrackingUri.Parse(server.AbsoluteUri), options, new TrackingEnvironment(name => Environment.GetValueOrDefault(name))));
        Repositories = new ArtifactRepositories(Sender, options, settings ?? new ArtifactSettings());
        Artifacts = new RestArtifacts(Sender, options, Repositories, (runId, _) =>
        {
            RunsAsked++;
            return ValueTask.FromResult(new RunSnapshot { Id = runId, ExperimentId = "1", ArtifactUri = artifactUri });
        });
    }

    public Dictionary<string, string> Environment { get; } = new()
    {
        ["MLFLOW_TRACKING_USERNAME"] = "alice",
        ["MLFLOW_TRACKING_PASSWORD"] = "s3cr3t",
    };

    public ListLogger Log { get; } = new();

    public RestSender Sender { get; }

    public ArtifactRepositories Repositories { get; }

    public RestArtifacts Artifacts { get; }

    public int RunsAsked { get; private set; }

    public void Dispose() => Sender.Dispose();

    private sealed class OneLogger(ILogger logger) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
