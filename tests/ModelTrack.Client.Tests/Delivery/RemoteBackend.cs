using System.Runtime.CompilerServices;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Tests.Delivery;

/// <summary>A tracker's way to a <see cref="RemoteStore"/>.</summary>
internal sealed class RemoteBackend(RemoteStore store) : ITrackingBackend
{
    public string Destination => "http://store.test";

    public bool IsRemote => true;

    public BatchLimits Limits { get; } = new(Metrics: 10, Params: 10, Tags: 10, Total: 10, MetricKeys: 10);

    public int ParallelRuns => 3;

    public int ParallelUploads => 6;

    public Uri? UrlOf(string experimentId, string runId) => new($"http://store.test/#/experiments/{experimentId}/runs/{runId}");

    public ValueTask<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => CallAsync("get-experiment", () => store.Inside.GetExperimentAsync(experimentId, cancellationToken), cancellationToken);

    public ValueTask<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken)
        => CallAsync("find-experiment", () => store.Inside.FindExperimentAsync(name, cancellationToken), cancellationToken);

    public ValueTask<Experiment> CreateExperimentAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken)
        => CallAsync("create-experiment", () => store.Inside.CreateExperimentAsync(name, artifactLocation, tags, cancellationToken), cancellationToken);

    public ValueTask<RunSnapshot> CreateRunAsync(RunCreation run, CancellationToken cancellationToken)
    {
        Assert.That(run.RunId, Is.Null, "The store gives the ids.");
        return CallAsync("create-run", () => store.Inside.CreateRunAsync(run, cancellationToken), cancellationToken);
    }

    public ValueTask<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken)
        => CallAsync("get-run", () => store.Inside.GetRunAsync(runId, cancellationToken), cancellationToken);

    public async ValueTask UpdateRunAsync(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
    {
        await store.CallAsync("update-run", cancellationToken);
        await store.Inside.UpdateRunAsync(runId, status, endTime, name, clearEndTime, cancellationToken);
        store.After("update-run");
    }

    public async ValueTask SetRunTagAsync(string runId, string key, string value, CancellationToken cancellationToken)
    {
        await store.CallAsync("set-tag", cancellationToken);
        await store.Inside.SetRunTagAsync(runId, key, value, cancellationToken);
    }

    public ValueTask<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken)
        => CallAsync("search-runs", () => store.Inside.SearchRunsAsync(query, pageToken, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(
        string runId, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var point in store.Inside.GetMetricHistoryAsync(runId, key, cancellationToken))
        {
            yield return point;
        }
    }

    public async ValueTask<IReadOnlyList<RecordRefusal>> LogBatchAsync(RunBatch batch, CancellationToken cancellationToken)
    {
        await store.OnBatch(batch).WaitAsync(cancellationToken);
        return await CallAsync("log-batch", () => store.Inside.LogBatchAsync(batch, cancellationToken), cancellationToken);
    }

    public ValueTask<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(string runId, string path, CancellationToken cancellationToken)
        => store.Inside.ListArtifactsAsync(runId, path, cancellationToken);

    public ValueTask<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken)
        => CallAsync("open-artifact", () => store.Inside.OpenArtifactAsync(runId, path, cancellationToken), cancellationToken);

    public async ValueTask WriteArtifactAsync(string runId, string path, Stream content, CancellationToken cancellationToken)
    {
        await store.CallAsync(path == ".modeltrack-probe" ? "write-probe" : "write-artifact", cancellationToken);
        await store.Inside.WriteArtifactAsync(runId, path, content, cancellationToken);
        store.After("write-artifact");
    }

    public void Dispose()
    {
        // The store outlives its trackers.
    }

    public ValueTask RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SetExperimentTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public ValueTask DeleteExperimentTagAsync(string experimentId, string key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, string? pageToken, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public ValueTask DeleteRunAsync(string runId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RestoreRunAsync(string runId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DeleteRunTagAsync(string runId, string key, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async ValueTask<T> CallAsync<T>(string name, Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        await store.CallAsync(name, cancellationToken);
        var result = await call();
        store.After(name);
        return result;
    }
}
