using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

// Versions: making, reading, changing, finding.
public sealed partial class RegistryClient
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Makes a new version of a registered model that exists, and does not wait for it: <see cref="RegisterModelAsync"/> without its
    /// conveniences.
    /// </summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="source">
    /// Where the model is: a URI, which is stored as it is. <c>models:/</c> URIs must name a version's number or a logged model. A server
    /// takes a local path only if it lies among the artifacts of the run.
    /// </param>
    /// <param name="runId">The run that made it. It need not exist.</param>
    /// <param name="tags">Tags of the version.</param>
    /// <param name="description">The version's description.</param>
    /// <param name="runLink">A link to the run, when it is on another server.</param>
    /// <param name="modelId">The logged model of MLflow 3 that it is; servers before 3.0 ignore it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new version; in a registry that copies files it may be pending still: <see cref="WaitUntilReadyAsync"/>.</returns>
    /// <exception cref="ArgumentException">
    /// An id or a tag breaks MLflow's rules, or the source is blank or a malformed <c>models:/</c> URI.
    /// </exception>
    /// <exception cref="ModelTrackException">There is no such model, or the source is refused.</exception>
    public async Task<ModelVersion> CreateVersionAsync(
        string name,
        string source,
        string? runId = null,
        IReadOnlyDictionary<string, string>? tags = null,
        string? description = null,
        string? runLink = null,
        string? modelId = null,
        CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        RegistryRules.CheckSource(source);
        RegistryRules.CheckNewTags(tags);
        CheckDescription(description);
        if (runId is not null)
        {
            Rules.CheckRunId(runId);
        }

        if (modelId is not null)
        {
            RegistryRules.CheckModelId(modelId);
        }

        if (UriScheme.Of(source) == ModelsUri.Scheme && ModelsUri.Parse(source) is { ModelId: null, Version: null })
        {
            throw new ArgumentException(
                $"A version's source names a version by its number, or a logged model; {Excerpt.Of(source)} may mean another one tomorrow. "
                + $"{nameof(RegisterModelAsync)} looks up which one it is now.",
                nameof(source));
        }

        var creation = new VersionCreation
        {
            Name = name,
            Source = source,
            RunId = runId,
            RunLink = runLink,
            Description = description,
            ModelId = modelId,
            Tags = tags ?? NoTags,
        };
        return await _registry.CreateVersionAsync(creation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads one version.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is less than 1.</exception>
    /// <exception cref="ModelTrackException">There is no such model or version, or the version is deleted.</exception>
    public async Task<ModelVersion> GetVersionAsync(string name, int version, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        return await _registry.GetVersionAsync(name, version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the version that an alias stands for.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version.</returns>
    /// <exception cref="ArgumentException">The alias breaks MLflow's rules, or is <c>latest</c> or like a version (<c>v1</c>).</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such model or alias (<see cref="ErrorCode.ResourceDoesNotExist"/> from every store); or the server is older than MLflow
    /// 2.3, which brought aliases (<see cref="ErrorCode.EndpointNotFound"/>).
    /// </exception>
    public async Task<ModelVersion> GetVersionByAliasAsync(string name, string alias, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckModelName(name);
        RegistryRules.CheckAlias(alias);
        return await _registry.GetVersionByAliasAsync(name, alias, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Searches versions of all registered models, page by page as they are consumed.</summary>
    /// <param name="filter">
    /// MLflow's filter expression over <c>name</c>, <c>run_id</c>, <c>source_path</c>, <c>version_number</c> and <c>tags.…</c>, for example
    /// <c>name = 'cancer' AND version_number &gt; 2</c>. Stages, states, aliases and times cannot be filtered by.
    /// </param>
    /// <param name="orderBy">
    /// MLflow's order, parts separated by commas: <c>name</c>, <c>version_number</c>, <c>creation_timestamp</c>,
    /// <c>last_updated_timestamp</c>. Default: what was changed last comes first.
    /// </param>
    /// <param name="limit">The greatest number of versions to return. Default: all.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The hits in order.</returns>
    /// <exception cref="ArgumentException">The filter or the order breaks MLflow's grammar.</exception>
    /// <exception cref="ModelTrackException">A server does not take the filter or the order.</exception>
    public IAsyncEnumerable<ModelVersion> SearchVersionsAsync(
        string? filter = null, string? orderBy = null, int? limit = null, CancellationToken cancellationToken = default)
        => AllAsync((size, token, end) => SearchVersionsPageAsync(filter, orderBy, size, token, end), 1000, limit, cancellationToken);

    /// <summary>Reads one page of a search for versions, for programs that keep the page token themselves.</summary>
    /// <param name="filter">As in <see cref="SearchVersionsAsync"/>.</param>
    /// <param name="orderBy">As in <see cref="SearchVersionsAsync"/>.</param>
    /// <param name="pageSize">How many versions at most, 1 to 200,000. Default: 1,000.</param>
    /// <param name="pageToken">The token of the page before; null for the first page.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ArgumentException">The filter, order or page token is malformed, or the page size out of its range.</exception>
    /// <exception cref="ModelTrackException">A server does not take the filter, the order or the page token.</exception>
    public async Task<Page<ModelVersion>> SearchVersionsPageAsync(
        string? filter = null,
        string? orderBy = null,
        int pageSize = 1000,
        string? pageToken = null,
        CancellationToken cancellationToken = default)
    {
        var query = Query(filter, orderBy, pageSize, MaxVersionPageSize);
        return await _registry.SearchVersionsAsync(query, pageToken, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes a version's description.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="description">The new description; empty to have none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version as stored.</returns>
    /// <exception cref="ArgumentNullException">The description is null.</exception>
    /// <exception cref="ModelTrackException">There is no such version.</exception>
    public async Task<ModelVersion> UpdateVersionAsync(
        string name, int version, string description, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        RegistryRules.CheckDescription(description);
        return await _registry.UpdateVersionAsync(name, version, description, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes a version for good. Its number is not given again; the model's files stay where they are.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such version.</exception>
    public async Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        await _registry.DeleteVersionAsync(name, version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets a tag of a version.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="value">The tag's value.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is stored.</returns>
    /// <exception cref="ArgumentException">The key breaks MLflow's rules, or the value has more than 100,000 characters.</exception>
    /// <exception cref="ModelTrackException">There is no such version.</exception>
    public async Task SetVersionTagAsync(
        string name, int version, string key, string value, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        RegistryRules.CheckTag(key, value);
        await _registry.SetVersionTagAsync(name, version, key, value, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a tag of a version; it need not be there.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="key">The tag's key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="ModelTrackException">There is no such version.</exception>
    public async Task DeleteVersionTagAsync(string name, int version, string key, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        Rules.CheckTagKey(key);
        await _registry.DeleteVersionTagAsync(name, version, key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where a version's files are, for a download.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// A URI: the version's source, with <c>models:/</c> ones resolved. A source <c>runs:/…</c> comes as it is, from servers as well.
    /// </returns>
    /// <exception cref="ModelTrackException">There is no such version.</exception>
    public async Task<string> GetDownloadUriAsync(string name, int version, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        return await _registry.GetDownloadUriAsync(name, version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a version can be used. In open-source MLflow it always can.</summary>
    /// <param name="name">The registered model's name.</param>
    /// <param name="version">The version, from 1.</param>
    /// <param name="timeout">How long to wait. Default: 5 minutes. Zero: it is looked at once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The version, ready.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The version is less than 1, or the time negative.</exception>
    /// <exception cref="ModelTrackException">
    /// There is no such version, or the registry could not make it (<see cref="ErrorCode.InvalidState"/>, with the registry's reason).
    /// </exception>
    /// <exception cref="TimeoutException">It is still pending.</exception>
    public async Task<ModelVersion> WaitUntilReadyAsync(
        string name, int version, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Check(name, version);
        CheckTimeout(timeout);
        var first = await _registry.GetVersionAsync(name, version, cancellationToken).ConfigureAwait(false);
        var ready = await WaitAsync(first, timeout ?? DefaultWait, cancellationToken).ConfigureAwait(false);
        return ready.Status == ModelVersionStatus.Ready ? ready : throw StillPending(ready, TimeSpan.Zero);
    }

    private static void Check(string name, int version)
    {
        RegistryRules.CheckModelName(name);
        RegistryRules.CheckVersion(version);
    }

    private async Task<ModelVersion> WaitAsync(ModelVersion version, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = _clock.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            switch (version.Status)
            {
                case ModelVersionStatus.Ready:
                    return version;
                case ModelVersionStatus.FailedRegistration:
                    throw new ModelTrackException(
                        ErrorCode.InvalidState,
                        $"The registry could not make version {version.Version} of '{version.Name}' from {version.Source}: "
                        + (version.StatusMessage ?? "it gives no reason."));
            }

            if (timeout == TimeSpan.Zero)
            {
                return version;
            }

            var left = timeout - _clock.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw StillPending(version, timeout);
            }

            await Task.Delay(pause < left ? pause : left, _clock, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            version = await _registry.GetVersionAsync(version.Name, version.Version, cancellationToken).ConfigureAwait(false);
        }
    }

    private static TimeoutException StillPending(ModelVersion version, TimeSpan timeout)
        => new($"Version {version.Version} of '{version.Name}' is still pending after {timeout.TotalSeconds:0.###} s"
            + (version.StatusMessage is { } message ? $": {message}" : "."));
}
