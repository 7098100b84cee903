using System.Runtime.CompilerServices;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// The model registry (<see cref="Tracker.Registry"/>): registered models, their versions, aliases, stages and tags. Safe for use from
/// several threads.
/// <para>
/// What does not exist is refused by a <see cref="ModelTrackException"/> with <see cref="ErrorCode.ResourceDoesNotExist"/>: a model, a
/// version, and an unknown alias too, for which servers themselves have another code. Where the registry is a server, every call may also
/// fail with what the server or the network has against it, and a folder's with an <see cref="IOException"/>.
/// </para>
/// </summary>
public sealed partial class RegistryClient
{
    private const int MaxModelPageSize = 1000;
    private const int MaxVersionPageSize = 200_000;

    private readonly IModelRegistry _registry;
    private readonly ModelSourceResolver _sources;
    private readonly TimeProvider _clock;
    private readonly IReadOnlyList<IDisposable> _owned;

    /// <param name="registry">The registry.</param>
    /// <param name="sources">Finds out what model URIs mean.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="owned">What goes with the client.</param>
    internal RegistryClient(IModelRegistry registry, ModelSourceResolver sources, TimeProvider clock, IReadOnlyList<IDisposable> owned)
    {
        _registry = registry;
        _sources = sources;
        _clock = clock;
        _owned = owned;
    }

    /// <summary>Finds out what model URIs mean.</summary>
    internal ModelSourceResolver Sources => _sources;

    /// <summary>
    /// Makes a new version of a registered model from a model's files, creates the registered model if its name is new, and waits until
    /// the version is ready.
    /// </summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="modelUri">
    /// Where the model is: <c>runs:/&lt;run id&gt;/&lt;path&gt;</c> for one that a run logged; <c>models:/name/3</c>,
    /// <c>models:/name@alias</c>, <c>models:/name/latest</c> or <c>models:/name/Production</c> for a copy of another version;
    /// <c>models:/m-…</c> for a logged model of MLflow 3; or any other URI or path, which is taken as it is. What a run has logged but not
    /// stored yet is not seen: <see cref="Tracker.FlushAsync"/> first.
    /// </param>
    /// <param name="tags">Tags of the version.</param>
    /// <param name="description">The version's description.</param>
    /// <param name="timeout">
    /// How long to wait for the version to become ready. Default: 5 minutes. Zero: not at all, so that it may be pending still.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="ArgumentException">The name, the URI or a tag breaks MLflow's rules, or the time is negative.</exception>
    /// <exception cref="ModelTrackException">
    /// The run, version or alias of the URI does not exist; or the registry could not make the version
    /// (<see cref="ErrorCode.InvalidState"/>, with the registry's reason).
    /// </exception>
    /// <exception cref="TimeoutException">The version was made, but is still pending.</exception>
    public async Task<ModelVersion> RegisterModelAsync(
        string name,
        string modelUri,
        IReadOnlyDictionary<string, string>? tags = null,
        string? description = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckNewModelName(name);
        RegistryRules.CheckSource(modelUri);
        RegistryRules.CheckNewTags(tags);
        CheckDescription(description);
        CheckTimeout(timeout);
        var source = await _sources.ResolveAsync(modelUri, cancellationToken).ConfigureAwait(false);
        await EnsureModelAsync(name, cancellationToken).ConfigureAwait(false);
        var version = await CreateVersionAsync(
            name,
            source.Uri,
            source.RunId,
            tags,
            description,
            modelId: source.ModelId,
            cancellationToken: cancellationToken).ConfigureAwait(false);
        if (source.ModelId is { } modelId)
        {
            await _sources.NoteAsync(version, modelId, cancellationToken).ConfigureAwait(false);
        }

        return await WaitAsync(version, timeout ?? DefaultWait, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a registered model without versions.</summary>
    /// <param name="name">
    /// Its name: neither <c>/</c> nor <c>:</c> in it, at most 256 characters. In a folder also no <c>%</c> and <c>\</c>.
    /// </param>
    /// <param name="description">Its description, as Markdown.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model as stored.</returns>
    /// <exception cref="ArgumentException">The name or a tag breaks MLflow's rules.</exception>
    /// <exception cref="ModelTrackException">
    /// The name is taken (<see cref="ErrorCode.ResourceAlreadyExists"/>), by a prompt perhaps.
    /// </exception>
    public async Task<RegisteredModel> CreateModelAsync(
        string name,
        string? description = null,
        IReadOnlyDictionary<string, string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckNewModelName(name);
        RegistryRules.CheckNewTags(tags);
        CheckDescription(description);
        return await _registry.CreateModelAsync(name, description, tags ?? NoTags, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a registered model.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ModelTrackException">There is none.</exception>
    public async Task<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        return await _registry.GetModelAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks a registered model up.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model, or null when there is none.</returns>
    public async Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        try
        {
            return await _registry.GetModelAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceDoesNotExist)
        {
            return null;
        }
    }

    /// <summary>Renames a registered model with all of its versions.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="newName">The new name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model as stored.</returns>
    /// <exception cref="ArgumentException">The new name breaks MLflow's rules.</exception>
    /// <exception cref="ModelTrackException">There is no such model, or the new name is taken.</exception>
    public async Task<RegisteredModel> RenameModelAsync(string name, string newName, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        RegistryRules.CheckNewModelName(newName);
        return name == newName
            ? await _registry.GetModelAsync(name, cancellationToken).ConfigureAwait(false)
            : await _registry.RenameModelAsync(name, newName, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes a registered model's description.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">The new description; empty to have none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model as stored.</returns>
    /// <exception cref="ArgumentNullException">The description is null.</exception>
    /// <exception cref="ModelTrackException">There is no such model.</exception>
    public async Task<RegisteredModel> UpdateModelAsync(string name, string description, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        RegistryRules.CheckDescription(description);
        return await _registry.UpdateModelAsync(name, description, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes a registered model with all of its versions, for good. The models' files stay where they are.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such model.</exception>
    public async Task DeleteModelAsync(string name, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        await _registry.DeleteModelAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Searches registered models, page by page as they are consumed.</summary>
    /// <param name="filter">
    /// MLflow's filter expression over <c>name</c> and <c>tags.…</c>, for example <c>name LIKE 'cancer%' AND tags.team = 'a'</c>. Prompts
    /// are left out unless the filter names the tag <c>mlflow.prompt.is_prompt</c>.
    /// </param>
    /// <param name="orderBy">
    /// MLflow's order, parts separated by commas: <c>name</c>, <c>last_updated_timestamp</c>, and the time of creation, which is
    /// <c>timestamp</c> on a server with a database and <c>creation_timestamp</c> on one with a folder (a folder opened here takes both).
    /// Default: by name.
    /// </param>
    /// <param name="limit">The greatest number of models to return. Default: all.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The hits in order.</returns>
    /// <exception cref="ArgumentException">The filter or the order breaks MLflow's grammar.</exception>
    /// <exception cref="ModelTrackException">A server does not take the filter or the order.</exception>
    public IAsyncEnumerable<RegisteredModel> SearchModelsAsync(
        string? filter = null, string? orderBy = null, int? limit = null, CancellationToken cancellationToken = default)
        => AllAsync(
            (size, token, end) => SearchModelsPageAsync(filter, orderBy, size, token, end), MaxModelPageSize, limit, cancellationToken);

    /// <summary>Reads one page of a search for registered models, for programs that keep the page token themselves.</summary>
    /// <param name="filter">As in <see cref="SearchModelsAsync"/>.</param>
    /// <param name="orderBy">As in <see cref="SearchModelsAsync"/>.</param>
    /// <param name="pageSize">How many models at most, 1 to 1,000. Default: 100.</param>
    /// <param name="pageToken">The token of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ArgumentException">The filter, order or page token is malformed, or the page size out of its range.</exception>
    /// <exception cref="ModelTrackException">A server does not take the filter, the order or the page token.</exception>
    public async Task<Page<RegisteredModel>> SearchModelsPageAsync(
        string? filter = null,
        string? orderBy = null,
        int pageSize = 100,
        string? pageToken = null,
        CancellationToken cancellationToken = default)
    {
        var query = Query(filter, orderBy, pageSize, MaxModelPageSize);
        return await _registry.SearchModelsAsync(query, pageToken, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets a tag of a registered model.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="value">The tag's value.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">The key breaks MLflow's rules, or the value has more than 100,000 characters.</exception>
    /// <exception cref="ModelTrackException">There is no such model.</exception>
    public async Task SetModelTagAsync(string name, string key, string value, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        RegistryRules.CheckTag(key, value);
        await _registry.SetModelTagAsync(name, key, value, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a tag of a registered model; it need not be there.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such model.</exception>
    public async Task DeleteModelTagAsync(string name, string key, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        Rules.CheckTagKey(key);
        await _registry.DeleteModelTagAsync(name, key, cancellationToken).ConfigureAwait(false);
    }

    internal void Close()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }
    }

    private static IReadOnlyDictionary<string, string> NoTags { get; } = new Dictionary<string, string>();

    /// <summary>Several programs may do this at the same time: one creates it, the others find it there.</summary>
    private async ValueTask EnsureModelAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await _registry.CreateModelAsync(name, null, NoTags, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode is ErrorCode.ResourceAlreadyExists or "ALREADY_EXISTS")
        {
            // As it should be.
        }
    }

    private static void CheckTimeout(TimeSpan? timeout)
        => ArgumentOutOfRangeException.ThrowIfLessThan(timeout ?? TimeSpan.Zero, TimeSpan.Zero, nameof(timeout));

    private static void CheckDescription(string? description)
    {
        if (description is not null)
        {
            RegistryRules.CheckDescription(description);
        }
    }

    private static RegistryQuery Query(string? filter, string? orderBy, int pageSize, int maxPageSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageSize, maxPageSize);
        return new RegistryQuery { Filter = filter, OrderBy = OrderByText.Split(orderBy), PageSize = pageSize };
    }

    private static async IAsyncEnumerable<T> AllAsync<T>(
        Func<int, string?, CancellationToken, Task<Page<T>>> read,
        int pageSize,
        int? limit,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = limit ?? int.MaxValue;
        string? token = null;
        while (left > 0)
        {
            var page = await read(Math.Min(left, pageSize), token, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            left -= page.Items.Count;
            token = page.NextPageToken;
            if (token is null)
            {
                yield break;
            }
        }
    }
}
