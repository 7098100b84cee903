using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;

namespace ModelTrack.Client.Tests.Dispatch;

/// <summary>A store in memory in whose way a test can put something.</summary>
internal sealed class HookedBackend(TimeProvider clock) : ITrackingBackend
{
    private readonly MemoryBackend _inner = new(clock);

    /// <summary>Called before each batch is stored; may throw, wait or note appends.</summary>
    public Func<RunBatch, Task> OnBatch { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called before each change of a run; may throw.</summary>
    public Action OnUpdate { get; set; } = () => { };

    public string Destination => _inner.Destination;

    public async ValueTask<IReadOnlyList<RecordRefusal>> LogBatchAsync(RunBatch batch, CancellationToken cancellationToken)
    {
        await OnBatch(batch).WaitAsync(cancellationToken);
        return await _inner.LogBatchAsync(batch, cancellationToken);
    }

    public ValueTask UpdateRunAsync(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
    {
        OnUpdate();
        return _inner.UpdateRunAsync(runId, status, endTime, name, clearEndTime, cancellationToken);
    }

    public ValueTask<RunSnapshot> CreateRunAsync(RunCreation run, CancellationToken cancellationToken) => _inner.CreateRunAsync(run, cancellationToken);

    public ValueTask<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken) => _inner.GetRunAsync(runId, cancellationToken);

    public IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(string runId, string key, CancellationToken cancellationToken) =>
        _inner.GetMetricHistoryAsync(runId, key, cancellationToken);

    public ValueTask<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Experiment> CreateExperimentAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SetExperimentTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DeleteExperimentTagAsync(string experimentId, string key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, string? pageToken, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DeleteRunAsync(string runId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RestoreRunAsync(string runId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SetRunTagAsync(string runId, string key, string value, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DeleteRunTagAsync(string runId, string key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(string runId, string path, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask WriteArtifactAsync(string runId, string path, Stream content, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public void Dispose() => _inner.Dispose();
}
