using System.Runtime.CompilerServices;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Reads and manages runs as the store has them (<see cref="Tracker.Runs"/>). What was logged but is still in the journal is not seen:
/// <see cref="Tracker.FlushAsync"/> first. Safe for use from several threads.
/// </summary>
public sealed class RunClient
{
    /// <summary>The greatest page that MLflow serves.</summary>
    private const int MaxPageSize = 50_000;

    private readonly ITrackingBackend _backend;
    private readonly int _parallelTransfers;

    internal RunClient(ITrackingBackend backend, int parallelTransfers = 1)
    {
        _backend = backend;
        _parallelTransfers = parallelTransfers;
    }

    /// <summary>Reads one run, deleted ones included.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The run as stored now.</returns>
    /// <exception cref="ModelTrackException">There is no such run (<c>RESOURCE_DOES_NOT_EXIST</c>), or its files are damaged.</exception>
    public async Task<RunSnapshot> GetAsync(string runId, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        return await _backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Searches the runs of one experiment, page by page as they are consumed.</summary>
    /// <param name="experiment">The experiment's name.</param>
    /// <param name="filter">
    /// MLflow's filter expression, for example <c>metrics.auc &gt; 0.9 AND params.model = 'fast-tree'</c>; null or empty for all runs.
    /// </param>
    /// <param name="orderBy">
    /// MLflow's order, several parts separated by commas, for example <c>metrics.auc DESC, attributes.start_time</c>.
    /// Default: the latest start first.
    /// </param>
    /// <param name="view">Which life-cycle stages to look at. Default: active runs only.</param>
    /// <param name="limit">The greatest number of runs to return. Default: all.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The hits in order.</returns>
    /// <exception cref="ArgumentException">In a folder or in memory: the filter or the order breaks MLflow's grammar.</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such experiment; or a server refuses the filter or the order (<c>INVALID_PARAMETER_VALUE</c>). It gets them as they are,
    /// since its own grammar counts. Only <c>IS NULL</c> and <c>IS NOT NULL</c>, which servers before 3.9 refuse, are tested here for them.
    /// </exception>
    public async IAsyncEnumerable<RunSnapshot> SearchAsync(
        string experiment,
        string? filter = null,
        string? orderBy = null,
        ViewType view = ViewType.ActiveOnly,
        int? limit = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentName(experiment);
        var found = await _backend.FindExperimentAsync(experiment, cancellationToken).ConfigureAwait(false)
            ?? throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no experiment named '{experiment}'.");
        await foreach (var run in SearchByIdAsync([found.Id], filter, orderBy, view, limit, cancellationToken).ConfigureAwait(false))
        {
            yield return run;
        }
    }

    /// <summary>Searches the runs of several experiments, page by page as they are consumed.</summary>
    /// <param name="experimentIds">The experiments' ids.</param>
    /// <param name="filter">As in <see cref="SearchAsync"/>.</param>
    /// <param name="orderBy">As in <see cref="SearchAsync"/>.</param>
    /// <param name="view">As in <see cref="SearchAsync"/>.</param>
    /// <param name="limit">As in <see cref="SearchAsync"/>.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The hits in order, over all experiments together.</returns>
    /// <exception cref="ArgumentException">In a folder or in memory: the filter or the order breaks MLflow's grammar.</exception>
    /// <exception cref="ModelTrackException">A server refuses the filter or the order; see <see cref="SearchAsync"/>.</exception>
    public async IAsyncEnumerable<RunSnapshot> SearchByIdAsync(
        IEnumerable<string> experimentIds,
        string? filter = null,
        string? orderBy = null,
        ViewType view = ViewType.ActiveOnly,
        int? limit = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(experimentIds);
        var left = limit ?? int.MaxValue;
        string? token = null;
        while (left > 0)
        {
            var page = await SearchPageAsync(experimentIds, filter, orderBy, view, Math.Min(left, 1000), token, cancellationToken)
                .ConfigureAwait(false);
            foreach (var run in page.Items)
            {
                yield return run;
            }

            left -= page.Items.Count;
            token = page.NextPageToken;
            if (token is null)
            {
                yield break;
            }
        }
    }

    /// <summary>Reads one page of a search, for programs that keep the page token themselves.</summary>
    /// <param name="experimentIds">The experiments' ids.</param>
    /// <param name="filter">As in <see cref="SearchAsync"/>.</param>
    /// <param name="orderBy">As in <see cref="SearchAsync"/>.</param>
    /// <param name="view">As in <see cref="SearchAsync"/>.</param>
    /// <param name="pageSize">How many runs at most, 1 to 50,000. Default: 1,000.</param>
    /// <param name="pageToken">The token of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The page. It can have fewer runs than <paramref name="pageSize"/>, or none, though others follow: its token tells.</returns>
    /// <exception cref="ArgumentException">
    /// The page size is out of its range; in a folder or in memory also: the filter, the order or the page token is malformed.
    /// </exception>
    /// <exception cref="ModelTrackException">A server refuses the filter, the order or the page token; see <see cref="SearchAsync"/>.</exception>
    public async Task<Page<RunSnapshot>> SearchPageAsync(
        IEnumerable<string> experimentIds,
        string? filter = null,
        string? orderBy = null,
        ViewType view = ViewType.ActiveOnly,
        int pageSize = 1000,
        string? pageToken = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(experimentIds);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, MaxPageSize);
        var query = new RunQuery
        {
            ExperimentIds = [.. experimentIds],
            Filter = filter,
            OrderBy = OrderByText.Split(orderBy),
            View = view,
            PageSize = pageSize,
        };
        return await _backend.SearchRunsAsync(query, pageToken, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads every point of one metric, in the order in which the store keeps them.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="key">The metric's key.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The points; none when the run has no such metric.</returns>
    /// <exception cref="ArgumentException">The key breaks MLflow's rules.</exception>
    /// <exception cref="ModelTrackException">There is no such run.</exception>
    public IAsyncEnumerable<MetricPoint> GetMetricHistoryAsync(string runId, string key, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        Rules.CheckMetricKey(key);
        return _backend.GetMetricHistoryAsync(runId, key, cancellationToken);
    }

    /// <summary>Renames a run.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="name">The new name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">The name is blank or has more than 250 characters.</exception>
    /// <exception cref="ModelTrackException">There is no such run, or it is deleted.</exception>
    public async Task RenameAsync(string runId, string name, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        Rules.CheckRunName(name);
        await _backend.UpdateRunAsync(runId, null, null, name, clearEndTime: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets a tag on a stored run.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="value">The tag's value.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">Key or value break MLflow's rules; see <see cref="Run.SetTag"/>.</exception>
    /// <exception cref="ModelTrackException">There is no such run, or it is deleted.</exception>
    public async Task SetTagAsync(string runId, string key, string value, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        Rules.CheckTag(key, value);
        await _backend.SetRunTagAsync(runId, key, value, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a tag from a stored run; a tag that it does not have is removed already.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ModelTrackException">There is no such run, or it is deleted.</exception>
    public async Task DeleteTagAsync(string runId, string key, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        Rules.CheckTagKey(key);
        try
        {
            await _backend.DeleteRunTagAsync(runId, key, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceDoesNotExist)
        {
            // Either the tag is missing, which is what was wanted, or the run, which this says.
            await _backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Moves a run to the bin; <see cref="RestoreAsync"/> brings it back.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such run.</exception>
    public async Task DeleteAsync(string runId, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        await _backend.DeleteRunAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings a deleted run back.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such run.</exception>
    public async Task RestoreAsync(string runId, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        await _backend.RestoreRunAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists one folder of a run's artifacts, sorted by path; not the folders below it.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="path">The folder, with <c>/</c>; default: the root.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The entries; none when there is no such folder, as on MLflow's servers, while <see cref="DownloadArtifactsAsync(string, string, string?,
    /// CancellationToken)"/> throws for one: a listing asks what is there, a copy wants it.
    /// </returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    /// <exception cref="ModelTrackException">There is no such run; or a server lists a path that is not safe.</exception>
    public async Task<IReadOnlyList<ArtifactInfo>> ListArtifactsAsync(
        string runId, string? path = null, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        var folder = ArtifactPath.NormalizeForReading(path);
        var entries = await _backend.ListArtifactsAsync(runId, folder, cancellationToken).ConfigureAwait(false);
        foreach (var entry in _backend.IsRemote ? entries : [])
        {
            // Whoever gets a path will sooner or later combine it with a folder of theirs.
            if (ArtifactPath.FindListingFault(entry.Path, folder) is { } fault)
            {
                throw new ModelTrackException(
                    ErrorCode.InvalidParameterValue, $"The server lists the artifact {Excerpt.Of(entry.Path)}, which is not accepted: {fault}.");
            }
        }

        return entries;
    }

    /// <summary>Opens one artifact file for reading.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="path">The file, with <c>/</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its content; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    /// <exception cref="ModelTrackException">There is no such run or file.</exception>
    public async Task<Stream> OpenArtifactAsync(string runId, string path, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        return await _backend.OpenArtifactAsync(runId, ArtifactPath.NormalizeFileForReading(path), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies an artifact file, or a folder with all that is in it, to the local disk.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="destination">The local folder that the content goes into; it is made when missing.</param>
    /// <param name="path">The file or folder, with <c>/</c>; default: all artifacts. Its path is kept below <paramref name="destination"/>.</param>
    /// <param name="cancellationToken">Ends the copy; files that are already copied stay.</param>
    /// <returns>The local path of what was asked for.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such run, file or folder (unlike <see cref="ListArtifactsAsync"/>, which has no entries then); or the store lists a path
    /// that is not safe.
    /// </exception>
    /// <exception cref="IOException">The local disk fails, or has a link where a folder should be. No half-written file stays.</exception>
    public Task<string> DownloadArtifactsAsync(
        string runId, string destination, string? path = null, CancellationToken cancellationToken = default)
        => DownloadArtifactsAsync(runId, destination, path, progress: null, cancellationToken);

    /// <summary>As the other, and says how far it has come. Several files are copied at a time.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="destination">The local folder that the content goes into; it is made when missing.</param>
    /// <param name="path">The file or folder, with <c>/</c>; null: all artifacts.</param>
    /// <param name="progress">
    /// Told how far it has come, from several threads, at the end of each file and about once a megabyte; null: nobody asks.
    /// </param>
    /// <param name="cancellationToken">Ends the copy; files that are already copied stay.</param>
    /// <returns>The local path of what was asked for.</returns>
    /// <exception cref="ArgumentException">The path is no safe artifact path.</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such run, file or folder (unlike <see cref="ListArtifactsAsync"/>, which has no entries then); or the store lists a path
    /// that is not safe.
    /// </exception>
    /// <exception cref="IOException">The local disk fails, or has a link where a folder should be. No half-written file stays.</exception>
    public Task<string> DownloadArtifactsAsync(
        string runId, string destination, string? path, IProgress<TransferProgress>? progress, CancellationToken cancellationToken = default)
    {
        Rules.CheckRunId(runId);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        return ArtifactDownload.RunAsync(
            ArtifactSource.Of(_backend, runId),
            destination,
            ArtifactPath.NormalizeForReading(path),
            _parallelTransfers,
            progress,
            cancellationToken);
    }
}
