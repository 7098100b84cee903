using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Reads registered models and their versions. What is damaged is refused where it is asked for, and skipped with a warning in lists.
/// </summary>
internal sealed class RegistryReader(RegistryLayout layout, TimeProvider clock, ILogger logger)
{
    public string RequireFolder(string name) => layout.FindModel(name) ?? throw RegistryErrors.NoModel(name);

    public RegisteredModel GetModel(string name, CancellationToken cancellationToken)
    {
        var folder = RequireFolder(name);
        return Strictly(() => ReadModel(folder, cancellationToken), folder, $"The registered model '{name}'", cancellationToken)
            ?? throw RegistryErrors.NoModel(name);
    }

    public ModelVersion GetVersion(string name, int version, CancellationToken cancellationToken)
        => FindVersion(RequireFolder(name), name, version, cancellationToken) ?? throw RegistryErrors.NoVersion(name, version);

    public ModelVersion GetVersionByAlias(string name, string alias, CancellationToken cancellationToken)
        => ReadAliases(RequireFolder(name)).TryGetValue(alias, out var version)
            ? GetVersion(name, version, cancellationToken)
            : throw RegistryErrors.NoAlias(name, alias);

    public string GetDownloadUri(string name, int version, CancellationToken cancellationToken)
        => RegistryMeta.GetDownloadUri(RequireVersionMeta(RequireFolder(name), name, version, cancellationToken));

    /// <summary>What a version's <c>meta.yaml</c> says, for a rewrite.</summary>
    /// <exception cref="ModelTrackException">There is no such version, it is deleted, or it is damaged.</exception>
    public MetaYaml RequireVersionMeta(string modelFolder, string name, int version, CancellationToken cancellationToken)
    {
        var folder = RegistryLayout.Version(modelFolder, version);
        var yaml = Strictly(() => ReadMeta(folder), folder, $"The version {version} of the registered model '{name}'", cancellationToken);
        return yaml is null || RegistryMeta.IsDeleted(yaml) ? throw RegistryErrors.NoVersion(name, version) : yaml;
    }

    public MetaYaml RequireModelMeta(string modelFolder, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(modelFolder);
        return Strictly(() => ReadMeta(modelFolder), modelFolder, $"The registered model '{name}'", cancellationToken)
            ?? throw RegistryErrors.NoModel(name);
    }

    public List<RegisteredModel> ListModels(CancellationToken cancellationToken)
        => [.. layout.ListModels()
            .Select(folder => Leniently(() => ReadModel(folder, cancellationToken), folder, cancellationToken))
            .OfType<RegisteredModel>()];

    public IEnumerable<ModelVersion> ListAllVersions(CancellationToken cancellationToken)
        => layout.ListModels()
            .Where(folder => File.Exists(FileLayout.Meta(folder)))
            .SelectMany(folder => ListVersions(folder, Path.GetFileName(folder), cancellationToken));

    /// <summary>The versions of a model that are not deleted, in order.</summary>
    public List<ModelVersion> ListVersions(string modelFolder, string name, CancellationToken cancellationToken)
    {
        var aliases = ReadAliases(modelFolder);
        return [.. RegistryLayout.ListVersions(modelFolder)
            .Select(version => Leniently(
                () => ReadVersion(modelFolder, name, version, aliases), RegistryLayout.Version(modelFolder, version), cancellationToken))
            .OfType<ModelVersion>()];
    }

    /// <summary>The aliases of a model. A file with another content than a version's number is none.</summary>
    public Dictionary<string, int> ReadAliases(string modelFolder)
    {
        const NumberStyles number = NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
        var aliases = new Dictionary<string, int>();
        var folder = RegistryLayout.Aliases(modelFolder);
        if (!Directory.Exists(folder))
        {
            return aliases;
        }

        using var scratch = new FileScratch();
        foreach (var (alias, text) in KeyFiles.ReadAll(folder, scratch, logger))
        {
            if (int.TryParse(text, number, CultureInfo.InvariantCulture, out var version))
            {
                aliases[alias] = version;
            }
            else
            {
                logger.LogWarning("The file {Alias} in {Folder} is no alias and was skipped.", alias, folder);
            }
        }

        return aliases;
    }

    private ModelVersion? FindVersion(string modelFolder, string name, int version, CancellationToken cancellationToken)
    {
        var folder = RegistryLayout.Version(modelFolder, version);
        return Strictly(
            () => ReadVersion(modelFolder, name, version, ReadAliases(modelFolder)),
            folder,
            $"The version {version} of the registered model '{name}'",
            cancellationToken);
    }

    private RegisteredModel? ReadModel(string folder, CancellationToken cancellationToken)
    {
        if (ReadMeta(folder) is not { } yaml)
        {
            return null;
        }

        var model = RegistryMeta.ToModel(yaml, folder);
        return model with
        {
            Tags = ReadTags(folder),
            Aliases = ReadAliases(folder),
            LatestVersions = LatestVersions.Of(ListVersions(folder, model.Name, cancellationToken), []),
        };
    }

    /// <summary>Null when there is none, or it is deleted.</summary>
    private ModelVersion? ReadVersion(string modelFolder, string name, int version, Dictionary<string, int> aliases)
    {
        var folder = RegistryLayout.Version(modelFolder, version);
        if (ReadMeta(folder) is not { } yaml || RegistryMeta.IsDeleted(yaml))
        {
            return null;
        }

        return RegistryMeta.ToVersion(yaml, name, version) with
        {
            Tags = ReadTags(folder),
            Aliases = [.. aliases.Where(alias => alias.Value == version).Select(alias => alias.Key).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>Null when there is no such file: nobody made it, or it was removed or is being made at this moment.</summary>
    private static MetaYaml? ReadMeta(string folder)
    {
        using var scratch = new FileScratch();
        try
        {
            return MetaFile.Read(folder, scratch);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private Dictionary<string, string> ReadTags(string folder)
    {
        var tags = FileLayout.Tags(folder);
        if (!Directory.Exists(tags))
        {
            return [];
        }

        using var scratch = new FileScratch();
        return KeyFiles.ReadAll(tags, scratch, logger);
    }

    private T? Strictly<T>(Func<T?> read, string folder, string what, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return MetaFile.Patiently(read, folder, clock, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new ModelTrackException(ErrorCode.InvalidState, $"{what} is damaged ('{FileLayout.Meta(folder)}'): {e.Message}", e);
        }
    }

    private T? Leniently<T>(Func<T?> read, string folder, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return MetaFile.Patiently(read, folder, clock, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "The damaged folder {Folder} of the model registry was skipped.", folder);
            return null;
        }
    }
}
