using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Backends.Memory;

/// <summary>A registry that lives and dies with its object. One lock guards everything; what is handed out are copies.</summary>
internal sealed class MemoryModelRegistry(TimeProvider clock) : IModelRegistry
{
    private readonly object _lock = new();
    private readonly Dictionary<string, MemoryRegisteredModel> _models = new(StringComparer.Ordinal);

    // To the millisecond, as every store keeps times.
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    public ValueTask<RegisteredModel> CreateModelAsync(
        string name, string? description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
        => Do(() =>
        {
            var model = new RegisteredModel
            {
                Name = name,
                CreationTime = Now,
                LastUpdateTime = Now,
                Description = description.OrNull(),
                Tags = new Dictionary<string, string>(tags),
            };
            return _models.TryAdd(name, new MemoryRegisteredModel(model)) ? model : throw RegistryErrors.ModelExists(name);
        }, cancellationToken);

    public ValueTask<RegisteredModel> GetModelAsync(string name, CancellationToken cancellationToken)
        => Do(() => Require(name).ToModel(), cancellationToken);

    public ValueTask<RegisteredModel> RenameModelAsync(string name, string newName, CancellationToken cancellationToken)
        => Do(() =>
        {
            var model = Require(name);
            if (!_models.TryAdd(newName, model))
            {
                throw RegistryErrors.ModelExists(newName);
            }

            _models.Remove(name);
            model.Rename(newName, Now);
            return model.ToModel();
        }, cancellationToken);

    public ValueTask<RegisteredModel> UpdateModelAsync(string name, string description, CancellationToken cancellationToken)
        => Do(() =>
        {
            var model = Require(name);
            model.Change(old => old with { Description = description.OrNull() }, Now);
            return model.ToModel();
        }, cancellationToken);

    public ValueTask DeleteModelAsync(string name, CancellationToken cancellationToken)
        => Do(() =>
        {
            Require(name);
            _models.Remove(name);
        }, cancellationToken);

    public ValueTask<Page<RegisteredModel>> SearchModelsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
        => Search(query, pageToken, RegisteredModelSearchSchema.Instance, model => [model.ToModel()], cancellationToken);

    public ValueTask SetModelTagAsync(string name, string key, string value, CancellationToken cancellationToken)
        => Do(() => Require(name).Change(model => model with { Tags = With(model.Tags, key, value) }, Now), cancellationToken);

    public ValueTask DeleteModelTagAsync(string name, string key, CancellationToken cancellationToken)
        => Do(() => Require(name).Change(model => model with { Tags = Without(model.Tags, key) }, Now), cancellationToken);

    public ValueTask<ModelVersion> CreateVersionAsync(VersionCreation creation, CancellationToken cancellationToken)
        => Do(() => Require(creation.Name).Add(creation, DownloadUriOf(creation.Source), Now), cancellationToken);

    public ValueTask<ModelVersion> GetVersionAsync(string name, int version, CancellationToken cancellationToken)
        => Do(() => Require(name).Require(version), cancellationToken);

    public ValueTask<ModelVersion> GetVersionByAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => Do(() => Require(name).RequireAlias(alias), cancellationToken);

    public ValueTask<Page<ModelVersion>> SearchVersionsAsync(RegistryQuery query, string? pageToken, CancellationToken cancellationToken)
        => Search(query, pageToken, ModelVersionSearchSchema.Instance, model => model.Versions, cancellationToken);

    public ValueTask<ModelVersion> UpdateVersionAsync(string name, int version, string description, CancellationToken cancellationToken)
        => Do(() => Require(name).ChangeVersion(version, old => old with { Description = description.OrNull() }, Now), cancellationToken);

    public ValueTask DeleteVersionAsync(string name, int version, CancellationToken cancellationToken)
        => Do(() => Touch(name, model => model.Remove(version)), cancellationToken);

    public ValueTask SetVersionTagAsync(string name, int version, string key, string value, CancellationToken cancellationToken)
        => Do(() => Tag(name, version, tags => With(tags, key, value)), cancellationToken);

    public ValueTask DeleteVersionTagAsync(string name, int version, string key, CancellationToken cancellationToken)
        => Do(() => Tag(name, version, tags => Without(tags, key)), cancellationToken);

    public ValueTask<ModelVersion> SetStageAsync(
        string name, int version, ModelStage stage, bool archiveExisting, CancellationToken cancellationToken)
        => Do(() =>
        {
            var model = Require(name);
            model.Require(version);
            if (archiveExisting)
            {
                foreach (var other in model.Versions.Where(other => other.Version != version && other.Stage == stage).ToList())
                {
                    model.ChangeVersion(other.Version, old => old with { Stage = ModelStage.Archived }, Now);
                }
            }

            model.Change(same => same, Now);
            return model.ChangeVersion(version, old => old with { Stage = stage }, Now);
        }, cancellationToken);

    public ValueTask<IReadOnlyList<ModelVersion>> GetLatestVersionsAsync(
        string name, IReadOnlyCollection<ModelStage> stages, CancellationToken cancellationToken)
        => Do(IReadOnlyList<ModelVersion> () => LatestVersions.Of(Require(name).Versions, stages), cancellationToken);

    public ValueTask SetAliasAsync(string name, string alias, int version, CancellationToken cancellationToken)
        => Do(() => Touch(name, model => model.SetAlias(alias, version)), cancellationToken);

    public ValueTask DeleteAliasAsync(string name, string alias, CancellationToken cancellationToken)
        => Do(() => Touch(name, model => model.RemoveAlias(alias)), cancellationToken);

    public ValueTask<string> GetDownloadUriAsync(string name, int version, CancellationToken cancellationToken)
        => Do(() => Require(name).DownloadUriOf(version), cancellationToken);

    public void Dispose()
    {
        // A tracker's handles may be read after it; memory goes with the last of them.
    }

    private MemoryRegisteredModel Require(string name) => _models.GetValueOrDefault(name) ?? throw RegistryErrors.NoModel(name);

    private void Touch(string name, Action<MemoryRegisteredModel> change)
    {
        var model = Require(name);
        change(model);
        model.Change(same => same, Now);
    }

    private void Tag(string name, int version, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> change)
        => Touch(name, model => model.ChangeVersion(version, old => old with { Tags = change(old.Tags) }, Now, touch: false));

    // There are no logged models in memory.
    private string DownloadUriOf(string source) => UriScheme.Of(source) != ModelsUri.Scheme
        ? source
        : ModelsUri.Parse(source) switch
        {
            { ModelId: { } modelId } => throw RegistryErrors.NoLoggedModel(modelId),
            var uri => Require(uri.Name).DownloadUriOf(uri.Version!.Value),
        };

    private ValueTask<Page<T>> Search<T>(
        RegistryQuery query,
        string? pageToken,
        SearchSchema<T> schema,
        Func<MemoryRegisteredModel, IEnumerable<T>> list,
        CancellationToken cancellationToken)
        => Do(() =>
        {
            var search = RegistrySearch<T>.Parse(schema, query.Filter, query.OrderBy);
            var token = PageToken.Parse(pageToken);
            var hits = _models.Values.SelectMany(list).Where(search.Matches).ToList();
            search.Sort(hits);
            return token.Cut(hits, query.PageSize);
        }, cancellationToken);

    private ValueTask<T> Do<T>(Func<T> action, CancellationToken cancellationToken)
        => StoreCall.Do(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                return action();
            }
        });

    private ValueTask Do(Action action, CancellationToken cancellationToken)
        => StoreCall.Do(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                action();
            }
        });

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> tags, string key, string value)
        => new(tags) { [key] = value };

    private static Dictionary<string, string> Without(IReadOnlyDictionary<string, string> tags, string key)
        => tags.Where(tag => tag.Key != key).ToDictionary();
}
