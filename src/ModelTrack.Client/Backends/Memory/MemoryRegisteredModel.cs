namespace ModelTrack.Client.Backends.Memory;

/// <summary>A registered model as the memory registry keeps it. Used under the registry's lock.</summary>
internal sealed class MemoryRegisteredModel(RegisteredModel model)
{
    private readonly SortedDictionary<int, ModelVersion> _versions = [];
    private readonly Dictionary<int, string> _downloadUris = [];
    private readonly SortedDictionary<string, int> _aliases = new(StringComparer.Ordinal);
    private int _lastVersion;

    public IEnumerable<ModelVersion> Versions => _versions.Values.Select(WithAliases);

    public RegisteredModel ToModel() => model with
    {
        LatestVersions = LatestVersions.Of(Versions, []),
        Aliases = new Dictionary<string, int>(_aliases),
    };

    public void Change(Func<RegisteredModel, RegisteredModel> change, DateTimeOffset now)
        => model = change(model) with { LastUpdateTime = now };

    public void Rename(string newName, DateTimeOffset now)
    {
        Change(old => old with { Name = newName }, now);
        foreach (var version in _versions.Values.ToList())
        {
            _versions[version.Version] = version with { Name = newName, LastUpdateTime = now };
        }
    }

    public ModelVersion Add(VersionCreation creation, string downloadUri, DateTimeOffset now)
    {
        var number = ++_lastVersion;
        _versions[number] = new ModelVersion
        {
            Name = model.Name,
            Version = number,
            CreationTime = now,
            LastUpdateTime = now,
            Description = creation.Description.OrNull(),
            Source = creation.Source,
            RunId = creation.RunId,
            ModelId = creation.ModelId,
            RunLink = creation.RunLink.OrNull(),
            Tags = new Dictionary<string, string>(creation.Tags),
        };
        _downloadUris[number] = downloadUri;
        Change(same => same, now);
        return _versions[number];
    }

    public ModelVersion Require(int version)
        => _versions.TryGetValue(version, out var found) ? WithAliases(found) : throw RegistryErrors.NoVersion(model.Name, version);

    public string DownloadUriOf(int version) => _downloadUris[Require(version).Version];

    /// <summary>Changes a version; <paramref name="touch"/> says whether it counts as updated, which a tag does not make it.</summary>
    public ModelVersion ChangeVersion(int version, Func<ModelVersion, ModelVersion> change, DateTimeOffset now, bool touch = true)
    {
        var changed = change(Require(version));
        _versions[version] = touch ? changed with { LastUpdateTime = now } : changed;
        return Require(version);
    }

    public void Remove(int version)
    {
        Require(version);
        _versions.Remove(version);
        _downloadUris.Remove(version);
        foreach (var alias in _aliases.Where(pair => pair.Value == version).Select(pair => pair.Key).ToList())
        {
            _aliases.Remove(alias);
        }
    }

    public ModelVersion RequireAlias(string alias)
        => _aliases.TryGetValue(alias, out var version) ? Require(version) : throw RegistryErrors.NoAlias(model.Name, alias);

    public void SetAlias(string alias, int version) => _aliases[alias] = Require(version).Version;

    public void RemoveAlias(string alias) => _aliases.Remove(alias);

    private ModelVersion WithAliases(ModelVersion version)
        => version with { Aliases = [.. _aliases.Where(pair => pair.Value == version.Version).Select(pair => pair.Key)] };
}
