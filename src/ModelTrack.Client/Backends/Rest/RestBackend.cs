using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends.Rest.Wire;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// An MLflow server as a store. Refusals have the server's own codes, which differ between its stores: a deleted run is
/// <c>INVALID_PARAMETER_VALUE</c> in a database and <c>INVALID_STATE</c> in a folder. A failure that may pass is a
/// <see cref="ModelTrackException"/> that says so (<see cref="ModelTrackException.IsTransient"/>).
/// </summary>
internal sealed class RestBackend : ITrackingBackend
{
    /// <summary>How far a server's clock may be behind ours.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(10);

    private readonly RestApi _api;
    private readonly RunsApi _runsOnce;
    private readonly RestSearch _search;
    private readonly RestBatchSender _batches;
    private readonly RestArtifacts _artifacts;

    /// <param name="connection">The server; the backend's own from now on.</param>
    /// <param name="options">How artifacts are moved; null: the defaults.</param>
    /// <param name="environment">The variables; null: none is set.</param>
    public RestBackend(ServerConnection connection, TrackerOptions? options = null, TrackingEnvironment? environment = null)
    {
        _api = new RestApi(new RestSender(connection));
        _runsOnce = new RunsApi(new RestSender(connection, retries: 0));
        Limits = new BatchLimits(Metrics: connection.MaxMetricsPerBatch, Params: 100, Tags: 100, Total: 1000, MetricKeys: 1000);
        _search = new RestSearch(_api);
        options ??= new TrackerOptions();
        ParallelUploads = options.MaxParallelTransfers;
        _artifacts = new RestArtifacts(
            _api.Sender, options, environment ?? new TrackingEnvironment(_ => null), GetRunAsync);
        Features = new ServerFeatures(_api.Service, connection.BaseUri);
        _batches = new RestBatchSender(_api, Features, connection.Clock);
    }

    public string Destination => Connection.Destination;

    /// <summary>What it sends with.</summary>
    public RestSender Sender => _api.Sender;

    /// <summary>What speaks to artifact locations.</summary>
    public ArtifactRepositories Repositories => _artifacts.Repositories;

    public bool IsRemote => true;

    /// <summary>What MLflow's servers allow in one request.</summary>
    public BatchLimits Limits { get; }

    public int ParallelRuns => 8;

    /// <summary>As <see cref="TrackerOptions.MaxParallelTransfers"/> says.</summary>
    public int ParallelUploads { get; }

    public bool KeysArePaths => false;

    public ServerFeatures Features { get; }

    private ServerConnection Connection => _api.Sender.Connection;

    /// <summary>Opens a server; nothing is sent yet.</summary>
    public static RestBackend Open(TrackingUri uri, TrackerOptions options, TrackingEnvironment environment, ILogger logger)
    {
        var backend = new RestBackend(ServerConnection.Open(uri, options, environment), options, environment);
        logger.LogDebug("Tracking to the server {Server}", backend.Destination);
        return backend;
    }

    public async ValueTask<Experiment> GetExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => (await _api.Experiments.GetAsync(experimentId, cancellationToken).ConfigureAwait(false)).ToExperiment();

    public async ValueTask<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await _api.Experiments.GetByNameAsync(name, cancellationToken).ConfigureAwait(false)).ToExperiment();
        }
        catch (ModelTrackException e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: ErrorCode.ResourceDoesNotExist })
        {
            return null;
        }
    }

    /// <summary>Where it got no answer it looks what became of it: an experiment that only seems to be missing could not be made again.</summary>
    public async ValueTask<Experiment> CreateExperimentAsync(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken)
    {
        var request = new CreateExperimentRequest(name, artifactLocation, WirePair.ListOf(tags));
        var begun = Connection.Clock.GetUtcNow();
        return await UncertainCall.RunAsync(
            async isRepeated =>
            {
                try
                {
                    var id = await _api.Experiments.CreateAsync(request, cancellationToken).ConfigureAwait(false);
                    return await GetExperimentAsync(id, cancellationToken).ConfigureAwait(false);
                }
                catch (ModelTrackException e) when (isRepeated && e.ErrorCode == ErrorCode.ResourceAlreadyExists)
                {
                    return await FindAsCreatedAsync(request, begun, cancellationToken).ConfigureAwait(false)
                        ?? throw new ModelTrackException(e.ErrorCode, e.Message, e) { StatusCode = e.StatusCode };
                }
            },
            () => FindAsCreatedAsync(request, begun, cancellationToken),
            Connection.Clock,
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RenameExperimentAsync(string experimentId, string newName, CancellationToken cancellationToken)
    {
        try
        {
            await _api.Experiments.UpdateAsync(experimentId, newName, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceAlreadyExists)
        {
            // A folder behind a server holds the experiment's own name against it, after a repeated request for example.
            var experiment = await GetExperimentAsync(experimentId, cancellationToken).ConfigureAwait(false);
            if (experiment.Name != newName)
            {
                throw;
            }
        }
    }

    public ValueTask DeleteExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => new(_api.Experiments.DeleteAsync(experimentId, cancellationToken));

    public ValueTask RestoreExperimentAsync(string experimentId, CancellationToken cancellationToken)
        => new(_api.Experiments.RestoreAsync(experimentId, cancellationToken));

    public ValueTask SetExperimentTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken)
        => new(_api.Experiments.SetTagAsync(experimentId, key, value, cancellationToken));

    public ValueTask DeleteExperimentTagAsync(string experimentId, string key, CancellationToken cancellationToken)
        => new(_api.Experiments.DeleteTagAsync(experimentId, key, cancellationToken));

    public ValueTask<Page<Experiment>> SearchExperimentsAsync(
        ExperimentQuery query, string? pageToken, CancellationToken cancellationToken)
        => _search.ExperimentsAsync(query, pageToken, cancellationToken);

    /// <summary>Servers give the id themselves; <see cref="RunCreation.RunId"/> is not sent.</summary>
    public async ValueTask<RunSnapshot> CreateRunAsync(RunCreation run, CancellationToken cancellationToken)
    {
        var request = new CreateRunRequest(
            run.ExperimentId, run.StartTime.ToUnixTimeMilliseconds(), run.Name, run.UserId, WirePair.ListOf(run.Tags));
        return (await _api.Runs.CreateAsync(request, cancellationToken).ConfigureAwait(false)).ToSnapshot();
    }

    public async ValueTask<RunSnapshot> GetRunAsync(string runId, CancellationToken cancellationToken)
        => (await _api.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false)).ToSnapshot();

    /// <summary>
    /// <paramref name="clearEndTime"/> cannot be said in MLflow's API. A server keeps the old end time of a run that is RUNNING again until
    /// the run ends anew; snapshots do not show it.
    /// </summary>
    public ValueTask UpdateRunAsync(
        string runId, RunStatus? status, DateTimeOffset? endTime, string? name, bool clearEndTime, CancellationToken cancellationToken)
        => new(_api.Runs.UpdateAsync(
            new UpdateRunRequest(runId, status?.WireName(), endTime?.ToUnixTimeMilliseconds(), name), cancellationToken));

    /// <summary>One try: what was seen before a try that failed may no longer be so after the waits between several.</summary>
    public async ValueTask<bool> CloseRunAsync(
        string runId, string session, RunStatus status, DateTimeOffset lastSeen, CancellationToken cancellationToken)
    {
        var stored = await GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        if (!stored.IsLeftOpen(session))
        {
            return false;
        }

        var end = lastSeen > stored.StartTime ? lastSeen : stored.StartTime;
        await _runsOnce.UpdateAsync(
            new UpdateRunRequest(runId, status.WireName(), end.ToUnixTimeMilliseconds()), cancellationToken).ConfigureAwait(false);
        return true;
    }

    public ValueTask DeleteRunAsync(string runId, CancellationToken cancellationToken)
        => new(_api.Runs.DeleteAsync(runId, cancellationToken));

    public ValueTask RestoreRunAsync(string runId, CancellationToken cancellationToken)
        => new(_api.Runs.RestoreAsync(runId, cancellationToken));

    public ValueTask SetRunTagAsync(string runId, string key, string value, CancellationToken cancellationToken)
        => new(_api.Runs.SetTagAsync(runId, key, value, cancellationToken));

    public ValueTask DeleteRunTagAsync(string runId, string key, CancellationToken cancellationToken)
        => new(_api.Runs.DeleteTagAsync(runId, key, cancellationToken));

    public ValueTask<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken)
        => _search.RunsAsync(query, pageToken, cancellationToken);

    public async IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(
        string runId, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isEmpty = true;
        await foreach (var metric in _api.Metrics.GetHistoryAsync(runId, key, cancellationToken).ConfigureAwait(false))
        {
            isEmpty = false;
            yield return metric.ToPoint();
        }

        if (isEmpty)
        {
            // For a run that does not exist a database answers the same as for a metric that the run does not have.
            await _api.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask<IReadOnlyList<RecordRefusal>> LogBatchAsync(RunBatch batch, CancellationToken cancellationToken)
        => _batches.SendAsync(batch, cancellationToken);

    public Uri? UrlOf(string experimentId, string runId) => new(
        $"{Connection.BaseUri.AbsoluteUri.TrimEnd('/')}/#/experiments/{Uri.EscapeDataString(experimentId)}/runs/{Uri.EscapeDataString(runId)}");

    public async ValueTask<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(string runId, string path, CancellationToken cancellationToken)
        => await _artifacts.ListAsync(runId, path, cancellationToken).ConfigureAwait(false);

    public ValueTask<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken)
        => _artifacts.OpenAsync(runId, path, cancellationToken);

    public ValueTask WriteArtifactAsync(string runId, string path, Stream content, CancellationToken cancellationToken)
        => _artifacts.WriteAsync(runId, path, content, cancellationToken);

    public ValueTask UploadArtifactAsync(
        string runId, string path, string localFile, IProgress<long>? sentBytes, CancellationToken cancellationToken)
        => _artifacts.UploadAsync(runId, path, localFile, sentBytes, cancellationToken);

    public ValueTask DownloadArtifactAsync(
        string runId, string path, string localFile, IProgress<long>? receivedBytes, CancellationToken cancellationToken)
        => _artifacts.DownloadAsync(runId, path, localFile, receivedBytes, cancellationToken);

    public async ValueTask<StoredModel> StoreModelAsync(
        string runId, ModelDraft draft, ILogger logger, CancellationToken cancellationToken)
        => await new RestModelStore(_api, _artifacts.Repositories, Features, ParallelUploads, logger)
            .StoreAsync(runId, draft, cancellationToken).ConfigureAwait(false)
            ?? await RunModelStore.StoreAsync(this, runId, draft, logger, cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        Features.Dispose();
        _api.Sender.Dispose();
    }

    /// <summary>
    /// The experiment if it is there as we would have made it, and not from before, so that it is ours by all that can be seen. Where it
    /// keeps its artifacts does not tell: servers write a location in their own way.
    /// </summary>
    private async Task<Experiment?> FindAsCreatedAsync(CreateExperimentRequest request, DateTimeOffset begun, CancellationToken cancellationToken)
        => await FindExperimentAsync(request.Name, cancellationToken).ConfigureAwait(false) is { LifecycleStage: LifecycleStage.Active } found
            && !(found.CreationTime < begun - ClockDifference)
            && (request.Tags ?? []).All(tag => found.Tags.TryGetValue(tag.Key, out var value) && value == tag.Value)
            ? found
            : null;
}
