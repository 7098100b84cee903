using System.Text;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends;

/// <summary>
/// What the tests of all backends need. A store may hold other things already, as a server does: each test works in experiments of its own.
/// </summary>
internal abstract class BackendFixture
{
    protected static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    private protected ITrackingBackend Backend { get; private set; } = null!;

    private protected abstract ITrackingBackend Open();

    [SetUp]
    public void OpenBackend() => Backend = Open();

    [TearDown]
    public void CloseBackend() => Backend.Dispose();

    private protected static string Unique(string name) => name + "-" + Guid.NewGuid().ToString("N");

    private protected async Task<Experiment> CreateExperimentAsync(string name = "experiment")
        => await Backend.CreateExperimentAsync(Unique(name), null, null, default);

    private protected async Task<RunSnapshot> CreateRunAsync(
        string? experimentId = null, string? name = "a run", int startSeconds = 0, params (string Key, string Value)[] tags)
        => await Backend.CreateRunAsync(
            new RunCreation
            {
                ExperimentId = experimentId ?? (await CreateExperimentAsync()).Id,
                Name = name,
                StartTime = Start.AddSeconds(startSeconds),
                UserId = "me",
                Tags = tags.ToDictionary(t => t.Key, t => t.Value),
            },
            default);

    private protected async Task<RunSnapshot> GetRunAsync(RunSnapshot run) => await Backend.GetRunAsync(run.Id, default);

    private protected async Task<IReadOnlyList<RecordRefusal>> LogAsync(RunSnapshot run, Action<RunBatch> fill)
    {
        var batch = new RunBatch { RunId = run.Id };
        fill(batch);
        return await Backend.LogBatchAsync(batch, default);
    }

    private protected static MetricRecord Metric(string key, double value, long step, long milliseconds = 0)
        => new(key.GetHashCode(StringComparison.Ordinal), key, new MetricPoint(value, step, Start.ToUnixTimeMilliseconds() + milliseconds));

    private protected static DatasetInput Dataset(string name, string? context = null) => DatasetInput.FromSource(name + ".csv", name, "1a2b3c4d") with
    {
        Tags = context is null ? [] : new Dictionary<string, string> { ["mlflow.data.context"] = context },
    };

    /// <summary>All of a data set, in a form that is compared by what it says.</summary>
    private protected static string Comparable(DatasetInput input) => string.Join('|', [
        input.Name, input.Digest, input.SourceType, input.Source, input.Schema ?? "null", input.Profile ?? "null",
        .. input.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"),
    ]);

    private protected async Task<List<MetricPoint>> HistoryAsync(string runId, string key)
    {
        var points = new List<MetricPoint>();
        await foreach (var point in Backend.GetMetricHistoryAsync(runId, key, default))
        {
            points.Add(point);
        }

        return points;
    }

    private protected async Task<string[]> SearchNamesAsync(
        string experimentId, string? filter = null, string? orderBy = null, ViewType view = ViewType.ActiveOnly)
    {
        var query = new RunQuery
        {
            ExperimentIds = [experimentId],
            Filter = filter,
            OrderBy = orderBy is null ? [] : [orderBy],
            View = view,
        };
        return [.. (await Backend.SearchRunsAsync(query, null, default)).Items.Select(r => r.Name)];
    }

    private protected async Task WriteArtifactAsync(RunSnapshot run, string path, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await Backend.WriteArtifactAsync(run.Id, path, content, default);
    }

    private protected async Task<string> ReadArtifactAsync(RunSnapshot run, string path)
    {
        using var reader = new StreamReader(await Backend.OpenArtifactAsync(run.Id, path, default));
        return await reader.ReadToEndAsync();
    }

    /// <summary>Where stores give different codes for one refusal, only that they refuse is asserted.</summary>
    private protected static void AssertRefused(Func<Task> call, string? errorCode = null)
    {
        var refusal = Assert.ThrowsAsync<ModelTrackException>(() => call());
        if (errorCode is not null)
        {
            Assert.That(refusal!.ErrorCode, Is.EqualTo(errorCode));
        }
    }
}
