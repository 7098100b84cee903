using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>Local files on their way to a run's artifacts.</summary>
internal static class ArtifactUploads
{
    /// <summary>All files of a folder and of the folders below it, with the paths that they get; every path is checked before any file goes.</summary>
    /// <exception cref="ArgumentException">A path is no safe artifact path.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static List<ArtifactFile> ListFolder(string localFolder, string? artifactPath)
    {
        if (!Directory.Exists(localFolder))
        {
            throw new DirectoryNotFoundException(
                $"There is no folder '{localFolder}'{(File.Exists(localFolder) ? ", it is a file; use LogArtifact" : "")}.");
        }

        return Directory.EnumerateFiles(localFolder, "*", SearchOption.AllDirectories)
            .Select(file => (Local: file, Relative: Path.GetRelativePath(localFolder, file).Replace(Path.DirectorySeparatorChar, '/')))
            .Select(file => new ArtifactFile(file.Local, ArtifactPath.Combine(artifactPath, file.Relative)))
            .ToList();
    }

    /// <summary>Stores files, several at a time. The first failure ends it; what is stored by then stays.</summary>
    /// <param name="backend">The store.</param>
    /// <param name="runId">The run.</param>
    /// <param name="files">The files, their paths checked.</param>
    /// <param name="parallel">How many at a time.</param>
    /// <param name="progress">Told how far it has come; null: nobody asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        ITrackingBackend backend,
        string runId,
        IReadOnlyList<ArtifactFile> files,
        int parallel,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var report = new TransferReport(progress, files.Count);
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
            async (file, token) =>
            {
                var size = new FileInfo(file.LocalFile).Length;
                await backend.UploadArtifactAsync(runId, file.Path, file.LocalFile, report.Of(file.Path, size), token).ConfigureAwait(false);
                report.Complete(file.Path, size);
            }).ConfigureAwait(false);
    }
}
