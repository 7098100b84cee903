namespace ModelTrack.Client.Backends.Rest;

/// <summary>The model registry of an MLflow server, or of what speaks its REST API.</summary>
internal sealed class RestModelRegistry : IModelRegistry
{
    /// <summary>
    /// Unique for each creation of a version, which servers would do twice: by it a version is found whose creation got no answer.
    /// </summary>
    public const string RequestTag = "modeltrack.request";

    private readonly RestSender _sender;
    private readonly RegistryApi _api;

    /// <param name="sender">Sends; not disposed with the registry, since others may send with it too.</param>
    public RestModelRegistry(RestSender sender)
    {
        _sender = sender;
        _api = new RegistryApi(sender);
    }

    private TimeProvider Clock => _sender.Connection.Clock;

    public async ValueTask<RegisteredModel> CreateModelAsync(
        string name, string? description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
        => await UncertainCall.RunAsync(
            async isRepeated =>
            {
                try
                {
                    return await _api.CreateModelAsync(name, description, tags, cancellationToken).ConfigureAwait(false);
                }
                catch (ModelTrackException e) when (isRepeated && e.ErrorCode == ErrorCode.ResourceAlreadyExists)
                {
                    return await FindAsCreatedAsync(name, description, tags, cancellationToken).ConfigureAwait(false) ?? throw Same(e);
                }
            },
            () => FindAsCreatedAsync(name, description, tags, cancellationToken),
            Clock,
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken)
        => await _api.GetModelAsync(name, cancellationToken).ConfigureAwait(false);

    public async ValueTask<RegisteredModel> RenameModelAsync(string name, string newName, CancellationToken cancellationToken)
        // A folder behind a server refuses a model its own name, which a database gives.
        => name == newName ? await GetModelAsync(name, cancellationToken).ConfigureAwait(false) : await UncertainCall.RunAsync(
            async isRepeated =>
            {
                try
                {
                    return await _api.RenameModelAsync(name, newName, cancellationToken).ConfigureAwait(false);
                }
                catch (ModelTrackException e) when (isRepeated && e.ErrorCode == ErrorCode.ResourceDoesNotExist)
                {
                    return await FindModelAsync(newName, cancellationToken).ConfigureAwait(false) ?? throw Same(e);
                }
            },
            async () =>
            {
                var old = await FindModelAsync(name, cancellationToken).ConfigureAwait(false);
                var renamed = await FindModelAsync(newName, cancellationToken).ConfigureAwait(false);
                return old is null || renamed is null
                    ? renamed
                    : throw new ModelTrackException(ErrorCode.InvalidState, $"there are both '{name}' and '{newName}'.");
            },
            Clock,
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<RegisteredModel> UpdateModelAsync(string name, string description, CancellationToken cancellationToken)
        => await _api.UpdateModelAsync(name, description, cancellationToken).ConfigureAwait(false);

    public async ValueTask DeleteModelAsync(string name, CancellationToken cancellationToken)
        => await DeleteAsync(
            () => _api.DeleteModelAsync(name, cancellationToken),
            async () => await FindModelAsync(name, cancellationToken).ConfigureAwait(false) is not null,
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<Page<RegisteredModel>> SearchModelsAsync(
        RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
        => await _api.SearchModelsAsync(query, pageToken, cancellationToken).ConfigureAwait(false);

    public async ValueTask SetModelTagAsync(string name, string key, string value, CancellationToken cancellationToken)
        => await _api.SetModelTagAsync(name, key, value, cancellationToken).ConfigureAwait(false);

    public async ValueTask DeleteModelTagAsync(string name, string key, CancellationToken cancellationToken)
        => await _api.DeleteModelTagAsync(name, key, cancellationToken).ConfigureAwait(false);

    public async ValueTask<ModelVersion> CreateVersionAsync(VersionCreation creation, CancellationToken cancellationToken)
    {
        var request = Guid.NewGuid().ToString("N");
        var tagged = creation with { Tags = new Dictionary<string, string>(creation.Tags) { [RequestTag] = request } };
        var query = new RegistryQuery { Filter = $"tags.`{RequestTag}` = '{request}'", PageSize = 1 };
        var version = await UncertainCall.RunAsync(
            _ => _api.CreateVersionAsync(tagged, cancellationToken),
            async () =>
            {
                if ((await _api.SearchVersionsAsync(query, null, cancellationToken).ConfigureAwait(false)).Items is [var made, ..])
                {
                    return made;
                }

                // Servers over a folder answer this mistake as if they had failed.
                return await FindModelAsync(creation.Name, cancellationToken).ConfigureAwait(false) is null
                    ? throw RegistryErrors.NoModel(creation.Name)
                    : null;
            },
            Clock,
            cancellationToken).ConfigureAwait(false);
        return await WithoutRequestTagAsync(version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The tag has done its work. What cannot be deleted stays, and does no harm; the version is made either way.</summary>
    private async ValueTask<ModelVersion> WithoutRequestTagAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        try
        {
            await _api.DeleteVersionTagAsync(version.Name, version.Version, RequestTag, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ModelTrackException or OperationCanceledException)
        {
            return version;
        }

        return version with { Tags = version.Tags.Where(tag => tag.Key != RequestTag).ToDictionary(StringComparer.Ordinal) };
    }

    public async ValueTask<ModelVersion> GetVersionAsync(string name, int version, CancellationToken cancellationToken)
        => await _api.GetVersionAsync(name, version, cancellationToken).ConfigureAwait(false);

    public async ValueTask<ModelVersion> GetVersionByAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => await WithAliasesAsync(async () =>
        {
            try
            {
                return await _api.GetVersionByAliasAsync(name, alias, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.InvalidParameterValue
                && e.Message.Contains("not found", StringComparison.OrdinalIgnoreCase))
            {
                // Servers have another code for a missing alias than for everything else that is missing.
                var missing = RegistryErrors.NoAlias(name, alias, e);
                throw new ModelTrackException(missing.ErrorCode, missing.Message, e) { StatusCode = e.StatusCode };
            }
        }).ConfigureAwait(false);

    public async ValueTask<Page<ModelVersion>> SearchVersionsAsync(
        RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
        => await _api.SearchVersionsAsync(query, pageToken, cancellationToken).ConfigureAwait(false);

    public async ValueTask<ModelVersion> UpdateVersionAsync(
        string name, int version, string description, CancellationToken cancellationToken)
        => await _api.UpdateVersionAsync(name, version, description, cancellationToken).ConfigureAwait(false);

    public async ValueTask DeleteVersionAsync(string name, int version, CancellationToken cancellationToken)
        => await DeleteAsync(
            () => _api.DeleteVersionAsync(name, version, cancellationToken),
            async () => await FindAsync(() => _api.GetVersionAsync(name, version, cancellationToken)).ConfigureAwait(false) is not null,
            cancellationToken).ConfigureAwait(false);

    public async ValueTask SetVersionTagAsync(string name, int version, string key, string value, CancellationToken cancellationToken)
        => await _api.SetVersionTagAsync(name, version, key, value, cancellationToken).ConfigureAwait(false);

    public async ValueTask DeleteVersionTagAsync(string name, int version, string key, CancellationToken cancellationToken)
        => await _api.DeleteVersionTagAsync(name, version, key, cancellationToken).ConfigureAwait(false);

    public async ValueTask<ModelVersion> SetStageAsync(
        string name, int version, ModelStage stage, bool archiveExisting, CancellationToken cancellationToken)
        => await _api.SetStageAsync(name, version, stage, archiveExisting, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ModelVersion>> GetLatestVersionsAsync(
        string name, IReadOnlyCollection<ModelStage> stages, CancellationToken cancellationToken)
        => await _api.GetLatestVersionsAsync(name, stages, cancellationToken).ConfigureAwait(false);

    public async ValueTask SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken)
        => await WithAliasesAsync(async () =>
        {
            await _api.SetAliasAsync(name, alias, version, cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);

    public async ValueTask DeleteAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => await WithAliasesAsync(async () =>
        {
            await _api.DeleteAliasAsync(name, alias, cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);

    public async ValueTask<string> GetDownloadUriAsync(string name, int version, CancellationToken cancellationToken)
        => await _api.GetDownloadUriAsync(name, version, cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        // The sender is not ours.
    }

    private async Task<T> WithAliasesAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (RestErrors.IsMissingRoute(e))
        {
            throw new ModelTrackException(
                ErrorCode.EndpointNotFound,
                $"The server {_sender.Connection.BaseUri} knows no aliases, which came with MLflow 2.3. Use stages or tags, or a newer "
                + "server.",
                e)
            {
                StatusCode = e.StatusCode,
            };
        }
    }

    /// <summary>A deletion that is sent again finds nothing when the first one was carried out.</summary>
    private async Task DeleteAsync(Func<Task> delete, Func<Task<bool>> isThere, CancellationToken cancellationToken)
        => await UncertainCall.RunAsync<object>(
            async isRepeated =>
            {
                try
                {
                    await delete().ConfigureAwait(false);
                }
                catch (ModelTrackException e) when (isRepeated && e.ErrorCode == ErrorCode.ResourceDoesNotExist)
                {
                    // It is gone, as was wanted.
                }

                return this;
            },
            async () => await isThere().ConfigureAwait(false) ? null : this,
            Clock,
            cancellationToken).ConfigureAwait(false);

    /// <summary>The model if it is there and as we would have made it, so that it is ours by all that can be seen.</summary>
    private async Task<RegisteredModel?> FindAsCreatedAsync(
        string name, string? description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
        => await FindModelAsync(name, cancellationToken).ConfigureAwait(false) is { LatestVersions.Count: 0 } model
            && model.Description == description.OrNull()
            && model.Tags.Count == tags.Count
            && tags.All(tag => model.Tags.TryGetValue(tag.Key, out var value) && value == tag.Value)
            ? model
            : null;

    private Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken)
        => FindAsync(() => _api.GetModelAsync(name, cancellationToken));

    private static async Task<T?> FindAsync<T>(Func<Task<T>> get)
        where T : class
    {
        try
        {
            return await get().ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceDoesNotExist)
        {
            return null;
        }
    }

    private static ModelTrackException Same(ModelTrackException e)
        => new(e.ErrorCode, e.Message, e) { StatusCode = e.StatusCode, IsTransient = e.IsTransient };
}
