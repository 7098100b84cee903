using System.Collections.Concurrent;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Where everything is in MLflow's <c>mlruns</c> folder, and how a run's folder is found. Safe for use from several threads.
/// </summary>
internal sealed class FileLayout(string root)
{
    public const string MetaName = "meta.yaml";
    public const string TempPrefix = ".modeltrack-tmp-";

    private const int MaxCachedRuns = 10_000;

    private readonly ConcurrentDictionary<string, string> _runFolders = new();

    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>Deleted experiments.</summary>
    public string Trash => Path.Combine(Root, ".trash");

    public static string Meta(string folder) => folder + "/" + MetaName;

    public static string Metrics(string runFolder) => runFolder + "/metrics";

    public static string Params(string runFolder) => runFolder + "/params";

    /// <summary>The tags of a run or of an experiment.</summary>
    public static string Tags(string folder) => folder + "/tags";

    public static string Artifacts(string runFolder) => runFolder + "/artifacts";

    public static string Inputs(string runFolder) => runFolder + "/inputs";

    public static string Outputs(string runFolder) => runFolder + "/outputs";

    public static string Datasets(string experimentFolder) => experimentFolder + "/datasets";

    /// <summary>Folders in an experiment that are not runs.</summary>
    public static bool IsReserved(ReadOnlySpan<char> name) => name is "tags" or "datasets" or "traces" or "models";

    /// <summary>Whether it has the form of an id, so that it is safe as the name of a folder.</summary>
    public static bool IsId(ReadOnlySpan<char> id)
    {
        if (id.IsEmpty || id.Length > 256 || !char.IsAsciiLetterOrDigit(id[0]))
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The experiment's folder, in the trash or not; null when there is none.</summary>
    public string? FindExperimentFolder(string experimentId)
        => FindActiveExperimentFolder(experimentId) ?? FindDeletedExperimentFolder(experimentId);

    public string? FindActiveExperimentFolder(string experimentId) => FindWithMeta(Root, experimentId);

    public string? FindDeletedExperimentFolder(string experimentId) => FindWithMeta(Trash, experimentId);

    /// <summary>The folders of all experiments, in the order of their names.</summary>
    public List<string> ListExperimentFolders(ViewType view)
    {
        var folders = new List<string>();
        if (view != ViewType.DeletedOnly)
        {
            AddIdFolders(folders, Root);
        }

        if (view != ViewType.ActiveOnly)
        {
            AddIdFolders(folders, Trash);
        }

        return folders;
    }

    /// <summary>The folders of all runs of an experiment, in the order of their names.</summary>
    public static List<string> ListRunFolders(string experimentFolder)
    {
        var folders = new List<string>();
        AddIdFolders(folders, experimentFolder);
        folders.RemoveAll(f => IsReserved(Path.GetFileName(f.AsSpan())));
        return folders;
    }

    /// <summary>The folder of a run, in whichever experiment it is, deleted ones last; null when there is none.</summary>
    public string? FindRunFolder(string runId)
    {
        if (!IsId(runId) || IsReserved(runId))
        {
            return null;
        }

        if (_runFolders.TryGetValue(runId, out var known))
        {
            if (File.Exists(Meta(known)))
            {
                return known;
            }

            _runFolders.TryRemove(runId, out _);
        }

        foreach (var experiment in ListExperimentFolders(ViewType.All))
        {
            var folder = experiment + "/" + runId;
            if (File.Exists(Meta(folder)))
            {
                RememberRunFolder(runId, folder);
                return folder;
            }
        }

        return null;
    }

    public void RememberRunFolder(string runId, string folder)
    {
        if (_runFolders.Count >= MaxCachedRuns)
        {
            _runFolders.Clear();
        }

        _runFolders[runId] = folder;
    }

    private static string? FindWithMeta(string parent, string id)
    {
        var folder = parent + "/" + id;
        return IsId(id) && id != "models" && File.Exists(Meta(folder)) ? folder : null;
    }

    private static void AddIdFolders(List<string> folders, string parent)
    {
        if (!Directory.Exists(parent))
        {
            return;
        }

        var start = folders.Count;
        foreach (var name in FolderNames.List(parent))
        {
            if (IsId(name) && name != "models")
            {
                folders.Add(parent + "/" + name);
            }
        }

        folders.Sort(start, folders.Count - start, StringComparer.Ordinal);
    }
}
