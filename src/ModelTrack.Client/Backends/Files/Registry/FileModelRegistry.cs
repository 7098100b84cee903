using Microsoft.Extensions.Logging;
using ModelTrack.Client.Tracking.Search;
using static ModelTrack.Client.Backends.StoreCall;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// The model registry in an <c>mlruns</c> folder, as MLflow's own client keeps it. Like <see cref="FileBackend"/>, it works on the caller's
/// thread, but for searches.
/// </summary>
internal sealed class FileModelRegistry : IModelRegistry
{
    private readonly RegistryReader _reader;
    private readonly RegistryWriter _writer;
    private readonly ILoggedModels _loggedModels;

    /// <summary>Opens a folder. Nothing is made before something is written.</summary>
    /// <exception cref="ModelTrackException">It is a file, or a folder of other things than runs and models.</exception>
    public FileModelRegistry(string root, ILoggedModels loggedModels, TimeProvider clock, ILogger logger)
    {
        StoreFolder.Check(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));
        var layout = new RegistryLayout(root);
        _loggedModels = loggedModels;
        _reader = new RegistryReader(layout, clock, logger);
        _writer = new RegistryWriter(layout, _reader, clock);
    }

    public ValueTask<RegisteredModel> CreateModelAsync(
        string name, string? description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
        => Do(() =>
        {
            _writer.CreateModel(name, description, tags, cancellationToken);
            return _reader.GetModel(name, cancellationToken);
        });

    public ValueTask<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken)
        => Do(() => _reader.GetModel(name, cancellationToken));

    public ValueTask<RegisteredModel> RenameModelAsync(string name, string newName, CancellationToken cancellationToken)
        => Do(() =>
        {
            _writer.RenameModel(name, newName, cancellationToken);
            return _reader.GetModel(newName, cancellationToken);
        });

    public ValueTask<RegisteredModel> UpdateModelAsync(string name, string description, CancellationToken cancellationToken)
        => Do(() =>
        {
            _writer.UpdateModel(name, description, cancellationToken);
            return _reader.GetModel(name, cancellationToken);
        });

    public ValueTask DeleteModelAsync(string name, CancellationToken cancellationToken)
        => Do(() => _writer.DeleteModel(name, cancellationToken));

    public ValueTask<Page<RegisteredModel>> SearchModelsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
        => Search(query, pageToken, RegisteredModelSearchSchema.Instance, () => _reader.ListModels(cancellationToken), cancellationToken);

    public ValueTask SetModelTagAsync(string name, string key, string value, CancellationToken cancellationToken)
        => Do(() => _writer.SetModelTag(name, key, value, cancellationToken));

    public ValueTask DeleteModelTagAsync(string name, string key, CancellationToken cancellationToken)
        => Do(() => _writer.DeleteModelTag(name, key, cancellationToken));

    public async ValueTask<ModelVersion> CreateVersionAsync(VersionCreation creation, CancellationToken cancellationToken)
    {
        var (storageLocation, runId) = await LocateAsync(creation, cancellationToken).ConfigureAwait(false);
        return await Do(() =>
        {
            var version = _writer.CreateVersion(creation, storageLocation, runId, cancellationToken);
            return _reader.GetVersion(creation.Name, version, cancellationToken);
        }).ConfigureAwait(false);
    }

    public ValueTask<ModelVersion> GetVersionAsync(string name, int version, CancellationToken cancellationToken)
        => Do(() => _reader.GetVersion(name, version, cancellationToken));

    public ValueTask<ModelVersion> GetVersionByAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => Do(() => _reader.GetVersionByAlias(name, alias, cancellationToken));

    public ValueTask<Page<ModelVersion>> SearchVersionsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
        => Search(query, pageToken, ModelVersionSearchSchema.Instance, () => _reader.ListAllVersions(cancellationToken), cancellationToken);

    public ValueTask<ModelVersion> UpdateVersionAsync(string name, int version, string description, CancellationToken cancellationToken)
        => Do(() =>
        {
            _writer.UpdateVersion(name, version, description, cancellationToken);
            return _reader.GetVersion(name, version, cancellationToken);
        });

    public ValueTask DeleteVersionAsync(string name, int version, CancellationToken cancellationToken)
        => Do(() => _writer.DeleteVersion(name, version, cancellationToken));

    public ValueTask SetVersionTagAsync(string name, int version, string key, string value, CancellationToken cancellationToken)
        => Do(() => _writer.SetVersionTag(name, version, key, value, cancellationToken));

    public ValueTask DeleteVersionTagAsync(string name, int version, string key, CancellationToken cancellationToken)
        => Do(() => _writer.DeleteVersionTag(name, version, key, cancellationToken));

    public ValueTask<ModelVersion> SetStageAsync(
        string name, int version, ModelStage stage, bool archiveExisting, CancellationToken cancellationToken)
        => Do(() =>
        {
            _writer.SetStage(name, version, stage, archiveExisting, cancellationToken);
            return _reader.GetVersion(name, version, cancellationToken);
        });

    public ValueTask<IReadOnlyList<ModelVersion>> GetLatestVersionsAsync(
        string name, IReadOnlyCollection<ModelStage> stages, CancellationToken cancellationToken)
        => Do(IReadOnlyList<ModelVersion> ()
            => LatestVersions.Of(_reader.ListVersions(_reader.RequireFolder(name), name, cancellationToken), stages));

    public ValueTask SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken)
        => Do(() => _writer.SetAlias(name, alias, version, cancellationToken));

    public ValueTask DeleteAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => Do(() => _writer.DeleteAlias(name, alias, cancellationToken));

    public ValueTask<string> GetDownloadUriAsync(string name, int version, CancellationToken cancellationToken)
        => Do(() => _reader.GetDownloadUri(name, version, cancellationToken));

    public void Dispose()
    {
        // Nothing is kept open.
    }

    /// <summary>Where the files of a new version are, and the run that made them: a logged model knows it.</summary>
    private async ValueTask<(string StorageLocation, string? RunId)> LocateAsync(
        VersionCreation creation, CancellationToken cancellationToken)
    {
        var uri = UriScheme.Of(creation.Source) == ModelsUri.Scheme ? ModelsUri.Parse(creation.Source) : null;
        var modelId = uri?.ModelId ?? creation.ModelId;
        var logged = modelId is null || (uri?.ModelId is null && creation.RunId is not null)
            ? null
            : await _loggedModels.FindAsync(modelId, cancellationToken).ConfigureAwait(false)
                ?? throw RegistryErrors.NoLoggedModel(modelId);
        var location = uri switch
        {
            null => creation.Source,
            { ModelId: not null } => logged!.ArtifactUri,
            _ => _reader.GetDownloadUri(uri.Name, uri.Version!.Value, cancellationToken),
        };
        return (location, creation.RunId ?? logged?.SourceRunId);
    }

    private static ValueTask<Page<T>> Search<T>(
        RegistryQuery query, string? pageToken, SearchSchema<T> schema, Func<IEnumerable<T>> list, CancellationToken cancellationToken)
        => new(Task.Run(
            () => Do(() =>
            {
                var search = RegistrySearch<T>.Parse(schema, query.Filter, query.OrderBy);
                var token = PageToken.Parse(pageToken);
                var hits = list().Where(search.Matches).ToList();
                search.Sort(hits);
                return token.Cut(hits, query.PageSize);
            }).AsTask(),
            cancellationToken));
}
