using System.Globalization;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Changes the model registry, under one lock of its folder: it changes rarely, and what must hold concerns several models at times.
/// MLflow knows no lock, so folders are built apart and moved to their place: it never sees half of one, which would stop its searches.
/// </summary>
internal sealed class RegistryWriter(RegistryLayout layout, RegistryReader reader, TimeProvider clock)
{
    private const int TriesForNumber = 10;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public void CreateModel(string name, string? description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var folder = layout.Model(name);
        Directory.CreateDirectory(layout.Models);
        using var held = Lock(cancellationToken);
        CheckIsFree(name, folder);
        InWorkshop(name, built =>
        {
            Directory.CreateDirectory(built);
            WriteTags(built, tags);
            MetaFile.Write(built, RegistryMeta.NewModel(name, description, Now));
            Place(built, folder, name);
        });
    }

    public void RenameModel(string name, string newName, CancellationToken cancellationToken)
    {
        var target = layout.Model(newName);
        InModel(name, folder =>
        {
            CheckIsFree(newName, target);
            InWorkshop(newName, built =>
            {
                Copy(folder, built);
                Rename(built, name, newName, cancellationToken);
                Place(built, target, newName);

                // Whatever happens between these two moves, the model is there, if twice.
                Discard(folder);
            });
        }, cancellationToken);
    }

    public void UpdateModel(string name, string description, CancellationToken cancellationToken)
        => InModel(
            name, folder => RewriteModel(folder, yaml => yaml.Set("description", description), cancellationToken), cancellationToken);

    public void DeleteModel(string name, CancellationToken cancellationToken) => InModel(name, Discard, cancellationToken);

    public void SetModelTag(string name, string key, string value, CancellationToken cancellationToken)
        => InModel(name, folder =>
        {
            KeyFiles.Write(FileLayout.Tags(folder), key, value, folder);
            Touch(folder, cancellationToken);
        }, cancellationToken);

    public void DeleteModelTag(string name, string key, CancellationToken cancellationToken)
        => InModel(name, folder =>
        {
            if (KeyFiles.Delete(FileLayout.Tags(folder), key))
            {
                Touch(folder, cancellationToken);
            }
        }, cancellationToken);

    /// <returns>The new version's number.</returns>
    public int CreateVersion(VersionCreation creation, string storageLocation, string? runId, CancellationToken cancellationToken)
    {
        var version = 0;
        InModel(creation.Name, folder =>
        {
            // MLflow takes only folders with the name of a version for one.
            var built = AtomicFile.NewTempPath(folder);
            try
            {
                Directory.CreateDirectory(built);
                WriteTags(built, creation.Tags);

                // Before the version is there: what fails after that would be repeated, and make another one.
                Touch(folder, cancellationToken);
                version = PlaceVersion(folder, built, number => RegistryMeta.NewVersion(creation, number, storageLocation, runId, Now));
            }
            finally
            {
                RemoveFolder(built);
            }
        }, cancellationToken);
        return version;
    }

    public void UpdateVersion(string name, int version, string description, CancellationToken cancellationToken)
        => InModel(
            name,
            folder => RewriteVersion(folder, version, yaml => yaml.Set("description", description), cancellationToken),
            cancellationToken);

    public void DeleteVersion(string name, int version, CancellationToken cancellationToken)
        => InModel(name, folder =>
        {
            reader.RequireVersionMeta(folder, name, version, cancellationToken);
            foreach (var (alias, _) in reader.ReadAliases(folder).Where(alias => alias.Value == version))
            {
                KeyFiles.Delete(RegistryLayout.Aliases(folder), alias);
            }

            RewriteVersion(folder, version, RegistryMeta.SetDeleted, cancellationToken);
            Touch(folder, cancellationToken);
        }, cancellationToken);

    public void SetVersionTag(string name, int version, string key, string value, CancellationToken cancellationToken)
        => InModel(name, folder =>
        {
            reader.RequireVersionMeta(folder, name, version, cancellationToken);
            var versionFolder = RegistryLayout.Version(folder, version);
            KeyFiles.Write(FileLayout.Tags(versionFolder), key, value, versionFolder);
            Touch(folder, cancellationToken);
        }, cancellationToken);

    public void DeleteVersionTag(string name, int version, string key, CancellationToken cancellationToken)
        => InModel(name, folder =>
        {
            reader.RequireVersionMeta(folder, name, version, cancellationToken);
            if (KeyFiles.Delete(FileLayout.Tags(RegistryLayout.Version(folder, version)), key))
            {
                Touch(folder, cancellationToken);
            }
        }, cancellationToken);

    public void SetStage(string name, int version, ModelStage stage, bool archiveExisting, CancellationToken cancellationToken)
        => InModel(name, folder =>
        {
            reader.RequireVersionMeta(folder, name, version, cancellationToken);
            if (archiveExisting)
            {
                foreach (var other in reader.ListVersions(folder, name, cancellationToken))
                {
                    if (other.Version != version && other.Stage == stage)
                    {
                        RewriteVersion(folder, other.Version, yaml => RegistryMeta.SetStage(yaml, ModelStage.Archived), cancellationToken);
                    }
                }
            }

            RewriteVersion(folder, version, yaml => RegistryMeta.SetStage(yaml, stage), cancellationToken);
            Touch(folder, cancellationToken);
        }, cancellationToken);

    public void SetAlias(string name, string alias, int version, CancellationToken cancellationToken)
    {
        RegistryLayout.CheckAlias(alias);
        InModel(name, folder =>
        {
            reader.RequireVersionMeta(folder, name, version, cancellationToken);
            KeyFiles.Write(RegistryLayout.Aliases(folder), alias, version.ToString(CultureInfo.InvariantCulture), folder);
            Touch(folder, cancellationToken);
        }, cancellationToken);
    }

    public void DeleteAlias(string name, string alias, CancellationToken cancellationToken)
        => InModel(name, folder =>
        {
            if (KeyFiles.Delete(RegistryLayout.Aliases(folder), alias))
            {
                Touch(folder, cancellationToken);
            }
        }, cancellationToken);

    private FolderLock Lock(CancellationToken cancellationToken) => FolderLock.Acquire(layout.Models, clock, cancellationToken);

    private void InModel(string name, Action<string> change, CancellationToken cancellationToken)
    {
        reader.RequireFolder(name);
        using var held = Lock(cancellationToken);
        change(reader.RequireFolder(name));
    }

    private void Touch(string modelFolder, CancellationToken cancellationToken) => RewriteModel(modelFolder, _ => { }, cancellationToken);

    private void RewriteModel(string modelFolder, Action<MetaYaml> change, CancellationToken cancellationToken)
    {
        var yaml = reader.RequireModelMeta(modelFolder, cancellationToken);
        change(yaml);
        yaml.Set("last_updated_timestamp", Now);
        RegistryMeta.SetAliases(yaml, reader.ReadAliases(modelFolder));
        MetaFile.Write(modelFolder, yaml);
    }

    private void RewriteVersion(string modelFolder, int version, Action<MetaYaml> change, CancellationToken cancellationToken)
    {
        var yaml = reader.RequireVersionMeta(modelFolder, Path.GetFileName(modelFolder), version, cancellationToken);
        change(yaml);
        yaml.Set("last_updated_timestamp", Now);
        MetaFile.Write(RegistryLayout.Version(modelFolder, version), yaml);
    }

    /// <summary>Gives all metas of a copied model its new name; those of deleted versions too.</summary>
    private void Rename(string copy, string name, string newName, CancellationToken cancellationToken)
    {
        RewriteModel(copy, yaml => yaml.Set("name", newName), cancellationToken);
        foreach (var version in RegistryLayout.ListVersions(copy))
        {
            var folder = RegistryLayout.Version(copy, version);
            if (File.Exists(FileLayout.Meta(folder)))
            {
                try
                {
                    var yaml = MetaFile.ReadPatiently(folder, clock, cancellationToken);
                    yaml.Set("name", newName);
                    yaml.Set("last_updated_timestamp", Now);
                    MetaFile.Write(folder, yaml);
                }
                catch (InvalidDataException e)
                {
                    throw new ModelTrackException(
                        ErrorCode.InvalidState, $"The version {version} of the registered model '{name}' is damaged: {e.Message}", e);
                }
            }
        }
    }

    /// <summary>A Python program may make a version at the same time, lock or not; whoever comes second takes the next number.</summary>
    private static int PlaceVersion(string modelFolder, string built, Func<int, MetaYaml> meta)
    {
        for (var left = TriesForNumber; ; left--)
        {
            var version = RegistryLayout.ListVersions(modelFolder).LastOrDefault() + 1;
            var place = RegistryLayout.Version(modelFolder, version);
            MetaFile.Write(built, meta(version));
            try
            {
                Directory.Move(built, place);
                return version;
            }
            catch (IOException) when (left > 1 && Directory.Exists(place))
            {
                // The next number.
            }
        }
    }

    private static void Place(string built, string folder, string name)
    {
        try
        {
            Directory.Move(built, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            throw RegistryErrors.ModelExists(name);
        }
    }

    private static void CheckIsFree(string name, string folder)
    {
        // A file would be in the way as well; what the system says of it is good enough.
        if (Directory.Exists(folder))
        {
            throw RegistryErrors.ModelExists(name);
        }
    }

    private static void WriteTags(string folder, IReadOnlyDictionary<string, string> tags)
    {
        foreach (var (key, value) in tags)
        {
            KeyFiles.Write(FileLayout.Tags(folder), key, value, folder);
        }
    }

    /// <summary>Out of sight by one move, then away: nobody sees it half removed.</summary>
    private void Discard(string folder) => InWorkshop(Path.GetFileName(folder), gone => Directory.Move(folder, gone));

    private void InWorkshop(string name, Action<string> work)
    {
        var workshop = layout.NewWorkshop();
        try
        {
            Directory.CreateDirectory(workshop);
            work(workshop + "/" + name);
        }
        finally
        {
            RemoveFolder(workshop);
        }
    }

    private static void RemoveFolder(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Litter harms nobody; what was to be done is done, or its own error matters more.
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, to + "/" + Path.GetFileName(file));
        }

        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            if (!Path.GetFileName(folder).StartsWith(FileLayout.TempPrefix, StringComparison.Ordinal))
            {
                Copy(folder, to + "/" + Path.GetFileName(folder));
            }
        }
    }
}
