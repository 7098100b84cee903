using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>Counts the writes to a store, and ends one of them as the death of the process would: before it is done, or after.</summary>
internal sealed class FailingBackend(ITrackingBackend inner) : ITrackingBackend
{
    private int _writes;

    public int Writes => _writes;

    /// <summary>The number of the write to fail at, from 1; 0: none.</summary>
    public int FailAt { get; set; }

    /// <summary>Whether the write is done all the same.</summary>
    public bool IsDone { get; set; }

    /// <summary>What making a run fails with; null: nothing.</summary>
    public Func<Exception?> CreationFault { get; set; } = () => null;

    /// <summary>Called before a batch is stored.</summary>
    public Action OnBatch { get; set; } = () => { };

    /// <summary>Called when a point is read.</summary>
    public Action OnPoint { get; set; } = () => { };

    /// <summary>What reading an artifact fails with; null: nothing.</summary>
    public Func<string, Exception?> ArtifactFault { get; set; } = _ => null;

    public string Destination => inner.Destination;

    public bool IsRemote => inner.IsRemote;

    public BatchLimits Limits => inner.Limits with { Metrics = BatchSize };

    public int BatchSize { get; init; } = 7;

    public bool KeysArePaths => inner.KeysArePaths;

    public ValueTask<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => inner.GetExperimentAsync(experimentId, cancellationToken);

    public ValueTask<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken)
        => inner.FindExperimentAsync(name, cancellationToken);

    public ValueTask<Experiment> CreateExperimentAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken)
        => WriteAsync(() => inner.CreateExperimentAsync(name, artifactLocation, tags, cancellationToken));

    public ValueTask RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken)
        => WriteAsync(() => inner.RenameExperimentAsync(experimentId, newName, cancellationToken));

    public ValueTask DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => WriteAsync(() => inner.DeleteExperimentAsync(experimentId, cancellationToken));

    public ValueTask RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => WriteAsync(() => inner.RestoreExperimentAsync(experimentId, cancellationToken));

    public ValueTask SetExperimentTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken)
        => WriteAsync(() => inner.SetExperimentTagAsync(experimentId, key, value, cancellationToken));

    public ValueTask DeleteExperimentTagAsync(string experimentId, string key, CancellationToken cancellationToken)
        => WriteAsync(() => inner.DeleteExperimentTagAsync(experimentId, key, cancellationToken));

    public ValueTask<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, string? pageToken, CancellationToken cancellationToken)
        => inner.SearchExperimentsAsync(query, pageToken, cancellationToken);

    public ValueTask<RunSnapshot> CreateRunAsync(RunCreation run, CancellationToken cancellationToken)
        => CreationFault() is { } fault ? throw fault : WriteAsync(() => inner.CreateRunAsync(run, cancellationToken));

    public ValueTask<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken)
        => inner.GetRunAsync(runId, cancellationToken);

    public ValueTask UpdateRunAsync(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
        => WriteAsync(() => inner.UpdateRunAsync(runId, status, endTime, name, clearEndTime, cancellationToken));

    public ValueTask DeleteRunAsync(string runId, CancellationToken cancellationToken)
        => WriteAsync(() => inner.DeleteRunAsync(runId, cancellationToken));

    public ValueTask RestoreRunAsync(string runId, CancellationToken cancellationToken)
        => WriteAsync(() => inner.RestoreRunAsync(runId, cancellationToken));

    public ValueTask SetRunTagAsync(string runId, string key, string value, CancellationToken cancellationToken)
        => WriteAsync(() => inner.SetRunTagAsync(runId, key, value, cancellationToken));

    public ValueTask DeleteRunTagAsync(string runId, string key, CancellationToken cancellationToken)
        => WriteAsync(() => inner.DeleteRunTagAsync(runId, key, cancellationToken));

    public ValueTask<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken)
        => inner.SearchRunsAsync(query, pageToken, cancellationToken);

    public async IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(
        string runId, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var point in inner.GetMetricHistoryAsync(runId, key, cancellationToken))
        {
            OnPoint();
            yield return point;
        }
    }

    public ValueTask<IReadOnlyList<RecordRefusal>> LogBatchAsync(RunBatch batch, CancellationToken cancellationToken)
    {
        OnBatch();
        return WriteAsync(() => inner.LogBatchAsync(batch, cancellationToken));
    }

    public ValueTask<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(string runId, string path, CancellationToken cancellationToken)
        => inner.ListArtifactsAsync(runId, path, cancellationToken);

    public ValueTask<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken)
        => ArtifactFault(path) is { } fault ? throw fault : inner.OpenArtifactAsync(runId, path, cancellationToken);

    public ValueTask WriteArtifactAsync(string runId, string path, Stream content, CancellationToken cancellationToken)
        => WriteAsync(() => inner.WriteArtifactAsync(runId, path, content, cancellationToken));

    public ValueTask<StoredModel> StoreModelAsync(string runId, ModelDraft draft, ILogger logger, CancellationToken cancellationToken)
        => RunModelStore.StoreAsync(this, runId, draft, logger, cancellationToken);

    public void Dispose() => inner.Dispose();

    private async ValueTask<T> WriteAsync<T>(Func<ValueTask<T>> write)
    {
        var isFailing = Interlocked.Increment(ref _writes) == FailAt;
        var written = isFailing && !IsDone ? default! : await write();
        return isFailing ? throw new TimeoutException("The process is killed here.") : written;
    }

    private async ValueTask WriteAsync(Func<ValueTask> write) => await WriteAsync(async () =>
    {
        await write();
        return true;
    });
}
