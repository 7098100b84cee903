using System.Globalization;
using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Where everything of the model registry is: in the folder <c>models</c> of an <c>mlruns</c> folder.</summary>
internal sealed class RegistryLayout(string root)
{
    private const string VersionPrefix = "version-";
    private const int MaxFileNameBytes = 255;

    private readonly FileLayout _store = new(root);

    /// <summary>A folder for each registered model. MLflow takes every folder in it for one, and no file.</summary>
    public string Models => _store.Root + "/models";

    public static string Aliases(string modelFolder) => modelFolder + "/aliases";

    public static string Version(string modelFolder, int version)
        => modelFolder + "/" + VersionPrefix + version.ToString(CultureInfo.InvariantCulture);

    /// <summary>The folder of a registered model, which need not be there.</summary>
    /// <exception cref="ArgumentException">No folder can have that name.</exception>
    public string Model(string name)
    {
        CheckName(name, OperatingSystem.IsWindows());
        return Models + "/" + name;
    }

    /// <summary>The folder of a registered model; null when there is none.</summary>
    public string? FindModel(string name)
    {
        var folder = Model(name);
        return File.Exists(FileLayout.Meta(folder)) ? folder : null;
    }

    /// <summary>The folders of all registered models, in the order of their names.</summary>
    public List<string> ListModels()
    {
        var folders = new List<string>();
        if (Directory.Exists(Models))
        {
            folders.AddRange(FolderNames.List(Models)
                .Where(name => !name.StartsWith(FileLayout.TempPrefix, StringComparison.Ordinal))
                .Select(name => Models + "/" + name));
            folders.Sort(StringComparer.Ordinal);
        }

        return folders;
    }

    /// <summary>The numbers of all versions of a model, deleted ones included, in order.</summary>
    public static List<int> ListVersions(string modelFolder)
    {
        var versions = new List<int>();
        foreach (var name in FolderNames.List(modelFolder))
        {
            if (name.StartsWith(VersionPrefix, StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(VersionPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                versions.Add(version);
            }
        }

        versions.Sort();
        return versions;
    }

    /// <summary>
    /// A folder of its own in which something is built or taken apart, unseen: MLflow looks into the bin only when it is asked for deleted
    /// experiments, and passes over what is none.
    /// </summary>
    public string NewWorkshop() => AtomicFile.NewTempPath(_store.Trash);

    internal static void CheckName(string name, bool onWindows)
    {
        if (name.AsSpan().IndexOfAny("/\\%:\0") is >= 0 and var index)
        {
            throw new ArgumentException(
                "In a folder a registered model's name is a folder's name, and MLflow allows none with '/', ':', '\\' or '%'; "
                + $"{Excerpt.Of(name)} has {Excerpt.CharacterAt(name, index)} at index {index}.",
                nameof(name));
        }

        if (!Rules.IsNormalPath(name) || name.StartsWith(".modeltrack", StringComparison.Ordinal))
        {
            throw new ArgumentException($"In a folder no registered model can be named {Excerpt.Of(name)}.", nameof(name));
        }

        CheckLength(name, "registered model's name", nameof(name));
        if (onWindows && WindowsNames.FindFault(name) is { } fault)
        {
            throw new ArgumentException($"As a folder on Windows the name {Excerpt.Of(name)} is impossible: {fault}.", nameof(name));
        }
    }

    public static void CheckAlias(string alias) => CheckLength(alias, "alias", nameof(alias));

    private static void CheckLength(string name, string what, string paramName)
    {
        if (Encoding.UTF8.GetByteCount(name) is > MaxFileNameBytes and var bytes)
        {
            throw new ArgumentException(
                $"In a folder a {what} is a file's name, which has at most {MaxFileNameBytes} bytes; {Excerpt.Of(name)} has {bytes}.",
                paramName);
        }
    }
}
