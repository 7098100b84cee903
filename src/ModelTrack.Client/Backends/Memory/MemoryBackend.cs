using System.Runtime.CompilerServices;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Backends.Memory;

/// <summary>
/// A store that lives and dies with its object: for users' unit tests. Answers as the folder store does, except that keys are no paths.
/// One lock guards everything; what is handed out are copies, so that filters, sorting and readers work outside of it.
/// </summary>
internal sealed class MemoryBackend : ITrackingBackend
{
    private readonly object _lock = new();
    private readonly MemoryExperiments _experiments;
    private readonly MemoryRuns _runs;

    public MemoryBackend(TimeProvider clock)
    {
        _runs = new MemoryRuns();
        _experiments = new MemoryExperiments(_runs, clock);
    }

    public string Destination => "memory:";

    public ValueTask<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => Do(() => _experiments.Require(experimentId).ToExperiment(), cancellationToken);

    public ValueTask<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken)
        => Do(() => _experiments.Find(name)?.ToExperiment(), cancellationToken);

    public ValueTask<Experiment> CreateExperimentAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken)
        => Do(() => _experiments.Create(name, artifactLocation, tags).ToExperiment(), cancellationToken);

    public ValueTask RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken)
        => Do(() => _experiments.Rename(experimentId, newName), cancellationToken);

    public ValueTask DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => Do(() => _experiments.Delete(experimentId), cancellationToken);

    public ValueTask RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => Do(() => _experiments.Restore(experimentId), cancellationToken);

    public ValueTask SetExperimentTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken)
        => Do(() => { _experiments.RequireActive(experimentId).Tags[key] = value; }, cancellationToken);

    public ValueTask DeleteExperimentTagAsync(string experimentId, string key, CancellationToken cancellationToken)
        => Do(() => _experiments.DeleteTag(experimentId, key), cancellationToken);

    public ValueTask<Page<Experiment>> SearchExperimentsAsync(
        ExperimentQuery query, string? pageToken, CancellationToken cancellationToken)
        => Try(() =>
        {
            var search = ExperimentSearch.Parse(query.Filter, query.OrderBy);
            var hits = Locked(() => _experiments.List(query.View)).FindAll(search.Matches);
            search.Sort(hits);
            return PageToken.Parse(pageToken).Cut(hits, query.PageSize);
        }, cancellationToken);

    public ValueTask<RunSnapshot> CreateRunAsync(RunCreation run, CancellationToken cancellationToken)
        => Do(() => _runs.Create(run, _experiments.Require(run.ExperimentId)).ToSnapshot(), cancellationToken);

    public ValueTask<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken)
        => Do(() => _runs.Require(runId).ToSnapshot(), cancellationToken);

    public ValueTask UpdateRunAsync(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
        => Do(() => _runs.RequireActive(runId).Update(status, endTime, name, clearEndTime), cancellationToken);

    public ValueTask DeleteRunAsync(string runId, CancellationToken cancellationToken)
        => Do(() => { _runs.Require(runId).Stage = LifecycleStage.Deleted; }, cancellationToken);

    public ValueTask RestoreRunAsync(string runId, CancellationToken cancellationToken)
        => Do(() => { _runs.Require(runId).Stage = LifecycleStage.Active; }, cancellationToken);

    public ValueTask SetRunTagAsync(string runId, string key, string value, CancellationToken cancellationToken)
        => Do(() => _runs.RequireActive(runId).SetTag(key, value), cancellationToken);

    public ValueTask DeleteRunTagAsync(string runId, string key, CancellationToken cancellationToken)
        => Do(() => _runs.RequireActive(runId).DeleteTag(key), cancellationToken);

    public ValueTask<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken)
        => Try(() =>
        {
            var search = RunSearch.Parse(query.Filter, query.OrderBy);
            var hits = Locked(() => _runs.List(query.ExperimentIds, query.View)).FindAll(search.Matches);
            search.Sort(hits);
            return PageToken.Parse(pageToken).Cut(hits, query.PageSize);
        }, cancellationToken);

    public async IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(
        string runId, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var point in await Do(() => _runs.Require(runId).GetHistory(key), cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return point;
        }
    }

    public ValueTask<IReadOnlyList<RecordRefusal>> LogBatchAsync(RunBatch batch, CancellationToken cancellationToken)
        => Do(IReadOnlyList<RecordRefusal> () => _runs.Require(batch.RunId).Store(batch), cancellationToken);

    public ValueTask<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(string runId, string path, CancellationToken cancellationToken)
        => Do(IReadOnlyList<ArtifactInfo> () => _runs.Require(runId).Artifacts.List(path), cancellationToken);

    public ValueTask<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken)
        => Do(Stream () => _runs.Require(runId).Artifacts.Open(path), cancellationToken);

    public async ValueTask WriteArtifactAsync(string runId, string path, Stream content, CancellationToken cancellationToken)
    {
        // Asked before as well as after the reading, so that nobody reads a gigabyte for nothing.
        await Do(() => _runs.RequireActive(runId).Artifacts.CheckIsFree(path), cancellationToken).ConfigureAwait(false);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        await Do(() => _runs.RequireActive(runId).Artifacts.Store(path, bytes.ToArray()), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        // A tracker's handles may be read after it; memory goes with the last of them.
    }

    private T Locked<T>(Func<T> action)
    {
        lock (_lock)
        {
            return action();
        }
    }

    private ValueTask<T> Do<T>(Func<T> action, CancellationToken cancellationToken) => Try(() => Locked(action), cancellationToken);

    private ValueTask Do(Action action, CancellationToken cancellationToken)
    {
        var done = Do(() =>
        {
            action();
            return true;
        }, cancellationToken);
        return done.IsCompletedSuccessfully ? default : new ValueTask(done.AsTask());
    }

    private static ValueTask<T> Try<T>(Func<T> action, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        try
        {
            return ValueTask.FromResult(action());
        }
#pragma warning disable CA1031 // It goes into the task.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException<T>(e);
        }
    }
}
