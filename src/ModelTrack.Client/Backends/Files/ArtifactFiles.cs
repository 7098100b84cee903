namespace ModelTrack.Client.Backends.Files;

/// <summary>Artifacts in a local folder: those of a run beside its other files, or wherever its <c>artifact_uri</c> says.</summary>
internal static class ArtifactFiles
{
    private const int CopyBuffer = 128 * 1024;

    public static List<ArtifactInfo> List(RunSnapshot run, string runFolder, string path) => List(FindRoot(run, runFolder), path);

    /// <exception cref="ModelTrackException">There is no such file.</exception>
    public static FileStream Open(RunSnapshot run, string runFolder, string path) => Open(FindRoot(run, runFolder), path, $"run '{run.Id}'");

    public static Task WriteAsync(RunSnapshot run, string runFolder, string path, Stream content, CancellationToken cancellationToken)
        => WriteAsync(FindRootToWrite(run, runFolder), path, content, cancellationToken);

    /// <summary>
    /// One folder, sorted by path; empty when there is none. A link that leads out is listed as a file of unknown size, which cannot be opened:
    /// a copy of the folder says so, and is not smaller in silence.
    /// </summary>
    public static List<ArtifactInfo> List(string root, string path)
    {
        var folder = Resolve(root, path);
        var entries = new List<ArtifactInfo>();
        if (!Directory.Exists(folder))
        {
            return entries;
        }

        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            var entryPath = path.Length == 0 ? entry.Name : path + "/" + entry.Name;
            var leadsOut = entry.LinkTarget is not null && !RealPath.IsInside(root, entry.FullName);
            var isFolder = !leadsOut && Directory.Exists(entry.FullName);
            entries.Add(new ArtifactInfo(entryPath, isFolder, isFolder || leadsOut ? null : GetSize(entry)));
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }

    /// <exception cref="ModelTrackException">There is no such file.</exception>
    public static FileStream Open(string root, string path, string owner)
    {
        var file = Resolve(root, path);
        try
        {
            return new FileStream(file, new FileStreamOptions
            {
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException
            || (e is UnauthorizedAccessException && Directory.Exists(file)))
        {
            throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The {owner} has no artifact file '{path}'.", e);
        }
    }

    /// <summary>Stores a file whole or not at all.</summary>
    public static async Task WriteAsync(string root, string path, Stream content, CancellationToken cancellationToken)
    {
        var target = Resolve(root, path);
        MakeRoom(root, path, target);

        // Beside the artifacts, not among them: the same volume, and no reader takes it for an artifact.
        var temp = AtomicFile.NewTempPath(Path.GetDirectoryName(root)!);
        try
        {
            var file = new FileStream(temp, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                await content.CopyToAsync(file, CopyBuffer, cancellationToken).ConfigureAwait(false);
            }

            File.Move(temp, target, overwrite: true);
        }
        catch
        {
            AtomicFile.TryDelete(temp);
            throw;
        }
    }

    /// <summary>The recorded folder; when that is gone, as in a store that was moved, the one in the run's own folder.</summary>
    private static string FindRoot(RunSnapshot run, string runFolder)
        => ArtifactLocations.ToLocalPaths(run.ArtifactUri).FirstOrDefault(Directory.Exists) ?? OwnRoot(runFolder);

    /// <summary>
    /// A place of the user's choice need not be there before the first artifact is written. A store's own place ends in experiment, run
    /// and <c>artifacts</c>, and is always there, unless the store was moved.
    /// </summary>
    private static string FindRootToWrite(RunSnapshot run, string runFolder)
    {
        var paths = ArtifactLocations.ToLocalPaths(run.ArtifactUri);
        var ownTail = $"/{run.ExperimentId}/{run.Id}/artifacts";
        return paths.FirstOrDefault(Directory.Exists)
            ?? paths.FirstOrDefault(p => !p.Replace('\\', '/').EndsWith(ownTail, StringComparison.Ordinal))
            ?? OwnRoot(runFolder);
    }

    private static string OwnRoot(string runFolder) => Path.GetFullPath(FileLayout.Artifacts(runFolder));

    private static string Resolve(string root, string path)
    {
        var full = Path.GetFullPath(Path.Combine(root, path));
        return RealPath.IsInside(root, full)
            ? full
            : throw new ModelTrackException(
                ErrorCode.InvalidParameterValue, $"The artifact path {Excerpt.Of(path)} leads out of the folder of the artifacts.");
    }

    private static void MakeRoom(string root, string path, string target)
    {
        var isTaken = Directory.Exists(target);
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            isTaken |= File.Exists(Path.Combine(root, path[..slash]));
        }

        if (isTaken)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidParameterValue, $"The artifact '{path}' cannot be stored: a folder and a file would have the same path.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
    }

    private static long? GetSize(FileSystemInfo entry)
        => (entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry) is FileInfo { Exists: true } file ? file.Length : null;
}
