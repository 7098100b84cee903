using System.Runtime.CompilerServices;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>Reads and manages experiments (<see cref="Tracker.Experiments"/>). Safe for use from several threads.</summary>
public sealed class ExperimentClient
{
    private readonly ITrackingBackend _backend;

    internal ExperimentClient(ITrackingBackend backend) => _backend = backend;

    /// <summary>Reads one experiment by id, deleted ones included.</summary>
    /// <param name="experimentId">The id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The experiment.</returns>
    /// <exception cref="ModelTrackException">There is no such experiment.</exception>
    public async Task<Experiment> GetAsync(string experimentId, CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentId(experimentId);
        return await _backend.GetExperimentAsync(experimentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks an experiment up by name, deleted ones included.</summary>
    /// <param name="name">The name; upper and lower case count.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The experiment, or null when there is none.</returns>
    public async Task<Experiment?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentName(name);
        return await _backend.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates an experiment.</summary>
    /// <param name="name">The name.</param>
    /// <param name="artifactLocation">Where artifacts go: a URI or a path. Default: the store's own place.</param>
    /// <param name="tags">Tags to set.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The experiment as stored.</returns>
    /// <exception cref="ArgumentException">The name is blank or has more than 500 characters, or a tag breaks MLflow's rules.</exception>
    /// <exception cref="ModelTrackException">The name is taken, by a deleted experiment perhaps (<c>RESOURCE_ALREADY_EXISTS</c>).</exception>
    public async Task<Experiment> CreateAsync(
        string name,
        string? artifactLocation = null,
        IReadOnlyDictionary<string, string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentName(name);
        foreach (var (key, value) in tags ?? new Dictionary<string, string>())
        {
            Rules.CheckExperimentTag(key, value);
        }

        return await _backend.CreateExperimentAsync(name, artifactLocation, tags, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renames an experiment.</summary>
    /// <param name="experimentId">The id.</param>
    /// <param name="newName">The new name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">The name is blank or has more than 500 characters.</exception>
    /// <exception cref="ModelTrackException">There is no such experiment, it is deleted, or the name is taken.</exception>
    public async Task RenameAsync(string experimentId, string newName, CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentId(experimentId);
        Rules.CheckExperimentName(newName);
        await _backend.RenameExperimentAsync(experimentId, newName, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves an experiment and its runs to the bin.</summary>
    /// <param name="experimentId">The id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such experiment, it is deleted already, or it is the default one.</exception>
    public async Task DeleteAsync(string experimentId, CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentId(experimentId);
        await _backend.DeleteExperimentAsync(experimentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings a deleted experiment back with all of its runs, also those that were deleted one by one before.</summary>
    /// <param name="experimentId">The id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no deleted experiment of that id.</exception>
    public async Task RestoreAsync(string experimentId, CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentId(experimentId);
        await _backend.RestoreExperimentAsync(experimentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets a tag.</summary>
    /// <param name="experimentId">The id.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="value">The tag's value.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">The key breaks MLflow's rules, or the value has more than 5,000 characters.</exception>
    /// <exception cref="ModelTrackException">There is no such experiment, or it is deleted.</exception>
    public async Task SetTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentId(experimentId);
        Rules.CheckExperimentTag(key, value);
        await _backend.SetExperimentTagAsync(experimentId, key, value, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a tag; one that it does not have is removed already. On servers before 3.2, which cannot do that, it becomes empty.</summary>
    /// <param name="experimentId">The id.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such experiment, or it is deleted.</exception>
    public async Task DeleteTagAsync(string experimentId, string key, CancellationToken cancellationToken = default)
    {
        Rules.CheckExperimentId(experimentId);
        Rules.CheckTagKey(key);
        try
        {
            await _backend.DeleteExperimentTagAsync(experimentId, key, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceDoesNotExist)
        {
            // Either the tag is missing, which is what was wanted, or the experiment, which this says.
            await _backend.GetExperimentAsync(experimentId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Searches experiments, page by page as they are consumed.</summary>
    /// <param name="filter">MLflow's filter expression, for example <c>name LIKE 'cancer%' AND tags.team = 'a'</c>.</param>
    /// <param name="orderBy">MLflow's order, parts separated by commas. Default: <c>creation_time DESC, experiment_id ASC</c>.</param>
    /// <param name="view">Which life-cycle stages to look at. Default: active ones only.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The hits in order.</returns>
    /// <exception cref="ArgumentException">In a folder or in memory: the filter or the order breaks MLflow's grammar.</exception>
    /// <exception cref="ModelTrackException">A server refuses the filter or the order; see <see cref="RunClient.SearchAsync"/>.</exception>
    public async IAsyncEnumerable<Experiment> SearchAsync(
        string? filter = null,
        string? orderBy = null,
        ViewType view = ViewType.ActiveOnly,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var query = new ExperimentQuery { Filter = filter, OrderBy = OrderByText.Split(orderBy), View = view };
        string? token = null;
        do
        {
            var page = await _backend.SearchExperimentsAsync(query, token, cancellationToken).ConfigureAwait(false);
            foreach (var experiment in page.Items)
            {
                yield return experiment;
            }

            token = page.NextPageToken;
        }
        while (token is not null);
    }
}
