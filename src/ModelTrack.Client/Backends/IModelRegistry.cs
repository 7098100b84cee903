namespace ModelTrack.Client.Backends;

/// <summary>
/// A model registry behind one URI. Arguments have passed <see cref="RegistryRules"/>. Everything is refused alike, by a
/// <see cref="ModelTrackException"/>: what does not exist (an alias as well) is <c>RESOURCE_DOES_NOT_EXIST</c>. What is not idempotent
/// finds out by itself what became of a call that got no answer. Implementations are safe for calls from several threads.
/// </summary>
internal interface IModelRegistry : IDisposable
{
    ValueTask<RegisteredModel> CreateModelAsync(
        string name, string? description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    ValueTask<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken);

    ValueTask<RegisteredModel> RenameModelAsync(string name, string newName, CancellationToken cancellationToken);

    ValueTask<RegisteredModel> UpdateModelAsync(string name, string description, CancellationToken cancellationToken);

    ValueTask DeleteModelAsync(string name, CancellationToken cancellationToken);

    ValueTask<Page<RegisteredModel>> SearchModelsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken);

    ValueTask SetModelTagAsync(string name, string key, string value, CancellationToken cancellationToken);

    /// <summary>Removes a tag; it need not be there.</summary>
    ValueTask DeleteModelTagAsync(string name, string key, CancellationToken cancellationToken);

    ValueTask<ModelVersion> CreateVersionAsync(VersionCreation creation, CancellationToken cancellationToken);

    ValueTask<ModelVersion> GetVersionAsync(string name, int version, CancellationToken cancellationToken);

    ValueTask<ModelVersion> GetVersionByAliasAsync(string name, string alias, CancellationToken cancellationToken);

    ValueTask<Page<ModelVersion>> SearchVersionsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken);

    ValueTask<ModelVersion> UpdateVersionAsync(string name, int version, string description, CancellationToken cancellationToken);

    ValueTask DeleteVersionAsync(string name, int version, CancellationToken cancellationToken);

    ValueTask SetVersionTagAsync(string name, int version, string key, string value, CancellationToken cancellationToken);

    /// <summary>Removes a tag; it need not be there.</summary>
    ValueTask DeleteVersionTagAsync(string name, int version, string key, CancellationToken cancellationToken);

    ValueTask<ModelVersion> SetStageAsync(
        string name, int version, ModelStage stage, bool archiveExisting, CancellationToken cancellationToken);

    /// <summary>The latest version of each stage asked for, of all stages when none is; sorted by version.</summary>
    ValueTask<IReadOnlyList<ModelVersion>> GetLatestVersionsAsync(
        string name, IReadOnlyCollection<ModelStage> stages, CancellationToken cancellationToken);

    /// <summary>Gives a version an alias, and takes it from another that has it.</summary>
    ValueTask SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken);

    /// <summary>Removes an alias; it need not be there.</summary>
    ValueTask DeleteAliasAsync(string name, string alias, CancellationToken cancellationToken);

    /// <summary>Where the version's files are: its source with <c>models:/</c> resolved.</summary>
    ValueTask<string> GetDownloadUriAsync(string name, int version, CancellationToken cancellationToken);
}
