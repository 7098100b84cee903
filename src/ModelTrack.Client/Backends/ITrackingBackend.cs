using Microsoft.Extensions.Logging;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Backends;

/// <summary>
/// Where records end up: one store, behind one tracking URI. Everything that a backend does is idempotent or says so.
/// A failure that may pass is an <see cref="IOException"/> (disk full) or a <see cref="ModelTrackException"/> that is transient (server away);
/// any other <see cref="ModelTrackException"/> is a refusal.
/// Implementations are safe for calls from several threads, but one run gets one batch at a time.
/// </summary>
internal interface ITrackingBackend : IDisposable
{
    /// <summary>The tracking URI in a normal form, without user info: what journals are kept for.</summary>
    string Destination { get; }

    /// <summary>
    /// The store is behind a network: runs get their ids from it, which may have to wait, and files wait beside the journal until it has them.
    /// </summary>
    bool IsRemote => false;

    /// <summary>How large a batch may be.</summary>
    BatchLimits Limits => BatchLimits.Files;

    /// <summary>How many runs are written to at the same time.</summary>
    int ParallelRuns => 1;

    /// <summary>How many files of a run may be sent to it at a time.</summary>
    int ParallelUploads => 1;

    /// <summary>Keys are file paths here, so that <c>a</c> and <c>a/b</c> exclude each other.</summary>
    bool KeysArePaths => false;

    ValueTask<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken);

    /// <summary>The experiment of that name, deleted or not; null when there is none.</summary>
    ValueTask<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken);

    ValueTask<Experiment> CreateExperimentAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken);

    ValueTask RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken);

    ValueTask DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken);

    ValueTask RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken);

    ValueTask SetExperimentTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken);

    ValueTask DeleteExperimentTagAsync(string experimentId, string key, CancellationToken cancellationToken);

    ValueTask<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, string? pageToken, CancellationToken cancellationToken);

    /// <summary>Creates a run in state RUNNING and returns it as stored. Not idempotent.</summary>
    ValueTask<RunSnapshot> CreateRunAsync(RunCreation run, CancellationToken cancellationToken);

    ValueTask<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Changes what is not null. <paramref name="clearEndTime"/> removes the end time (a run that goes on).</summary>
    ValueTask UpdateRunAsync(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a run that is still RUNNING in a session that is over, and says whether it was: nobody has ended it or gone on with it since. In a
    /// folder nobody comes in between; on a server there is only the time from a look to the one try that follows it.
    /// </summary>
    async ValueTask<bool> CloseRunAsync(
        string runId, string session, RunStatus status, DateTimeOffset lastSeen, CancellationToken cancellationToken)
    {
        var stored = await GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        if (!stored.IsLeftOpen(session))
        {
            return false;
        }

        var end = lastSeen > stored.StartTime ? lastSeen : stored.StartTime;
        await UpdateRunAsync(runId, status, end, null, clearEndTime: false, cancellationToken).ConfigureAwait(false);
        return true;
    }

    ValueTask DeleteRunAsync(string runId, CancellationToken cancellationToken);

    ValueTask RestoreRunAsync(string runId, CancellationToken cancellationToken);

    ValueTask SetRunTagAsync(string runId, string key, string value, CancellationToken cancellationToken);

    ValueTask DeleteRunTagAsync(string runId, string key, CancellationToken cancellationToken);

    ValueTask<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken);

    IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(string runId, string key, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a batch of one run and returns what was refused, if anything. Throws what may pass when it should be tried again as it is;
    /// the next try carries <see cref="RunBatch.PriorAppends"/>, by which what is already there is not stored twice.
    /// </summary>
    ValueTask<IReadOnlyList<RecordRefusal>> LogBatchAsync(RunBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what a process that died while it appended to a run has left of its last point. For a run whose points are all to be had again.
    /// </summary>
    ValueTask RemoveTornPointsAsync(string runId, CancellationToken cancellationToken) => default;

    /// <summary>Where MLflow's UI shows a run; null without a server.</summary>
    Uri? UrlOf(string experimentId, string runId) => null;

    /// <summary>One folder, as the store names what is in it: of a remote one the paths are not to be trusted.</summary>
    ValueTask<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(string runId, string path, CancellationToken cancellationToken);

    ValueTask<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken);

    /// <summary>Stores one artifact file, whole or not at all, replacing an existing one. <paramref name="path"/> is already checked.</summary>
    ValueTask WriteArtifactAsync(string runId, string path, Stream content, CancellationToken cancellationToken);

    /// <summary>As <see cref="WriteArtifactAsync"/>, for a local file, which may be sent in parts.</summary>
    async ValueTask UploadArtifactAsync(
        string runId, string path, string localFile, IProgress<long>? sentBytes, CancellationToken cancellationToken)
    {
        var content = new FileStream(localFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
        await using (content.ConfigureAwait(false))
        {
            await WriteArtifactAsync(runId, path, content, cancellationToken).ConfigureAwait(false);
            sentBytes?.Report(content.Length);
        }
    }

    /// <summary>Stores a model that a run produced, whole or not at all. May be repeated.</summary>
    ValueTask<StoredModel> StoreModelAsync(string runId, ModelDraft draft, ILogger logger, CancellationToken cancellationToken)
        => RunModelStore.StoreAsync(this, runId, draft, logger, cancellationToken);

    /// <summary>
    /// Writes an artifact's content to a local file, which may be fetched in parts and is replaced when it is there. What a failure leaves
    /// in it is the caller's to remove.
    /// </summary>
    async ValueTask DownloadArtifactAsync(
        string runId, string path, string localFile, IProgress<long>? receivedBytes, CancellationToken cancellationToken)
    {
        var content = await OpenArtifactAsync(runId, path, cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            await FileCopy.ToFileAsync(content, localFile, receivedBytes, cancellationToken).ConfigureAwait(false);
        }
    }
}
