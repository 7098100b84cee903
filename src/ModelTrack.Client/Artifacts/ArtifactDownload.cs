namespace ModelTrack.Client;

/// <summary>
/// Copies artifacts to the local disk. The store's answers are not trusted: all that it lists is checked before anything is written, and
/// nothing that it names leads out of the destination.
/// </summary>
internal static class ArtifactDownload
{
    /// <summary>
    /// Copies a file, or a folder with all in it, to the same path below <paramref name="destination"/>, as MLflow does; the empty path is
    /// everything. Existing files are replaced, each one whole.
    /// </summary>
    /// <param name="source">What is copied from.</param>
    /// <param name="destination">The local folder; made when missing.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="parallel">How many files at a time.</param>
    /// <param name="progress">Told how far it has come; null: nobody asks.</param>
    /// <param name="cancellationToken">Ends it; what is whole by then stays.</param>
    /// <returns>The full local path of the file or folder.</returns>
    public static async Task<string> RunAsync(
        ArtifactSource source,
        string destination,
        string path,
        int parallel,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        path = ArtifactPath.NormalizeForReading(path);
        var target = new DownloadTarget(destination);
        var found = new Tree(source, target);
        if (path.Length > 0 && await FindAsync(source, path, cancellationToken).ConfigureAwait(false) is { IsDirectory: false } file)
        {
            found.Files.Add(file);
        }
        else
        {
            await found.ListAsync(path, cancellationToken).ConfigureAwait(false);
        }

        var local = target.PathOf(path);
        foreach (var folder in found.Folders)
        {
            target.CreateFolder(folder);
        }

        var report = new TransferReport(progress, found.Files.Count);
        await Parallel.ForEachAsync(
            found.Files,
            new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
            async (entry, token) =>
            {
                var watch = report.Of(entry.Path, entry.Size);
                var size = await target.WriteFileAsync(
                    entry.Path, temporary => source.DownloadAsync(entry.Path, temporary, watch, token)).ConfigureAwait(false);
                report.Complete(entry.Path, size);
            }).ConfigureAwait(false);
        return local;
    }

    /// <summary>All files of a source, checked as if they were to be copied to <paramref name="destination"/>; sorted by path.</summary>
    /// <param name="source">What is listed.</param>
    /// <param name="destination">The local folder.</param>
    /// <param name="leaveOut">Told what cannot be copied, or of folders listed, and why; null: that is thrown.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<ArtifactInfo>> ListAsync(
        ArtifactSource source, string destination, Action<string>? leaveOut, CancellationToken cancellationToken)
    {
        var found = new Tree(source, new DownloadTarget(destination), leaveOut);
        await found.ListAsync("", cancellationToken).ConfigureAwait(false);
        found.Files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return found.Files;
    }

    // MLflow has no request that says what a path is: only the listing of its parent tells a file, a folder and nothing apart.
    private static async Task<ArtifactInfo> FindAsync(ArtifactSource source, string path, CancellationToken cancellationToken)
    {
        var siblings = await source.ListAsync(ArtifactPath.FolderOf(path), cancellationToken).ConfigureAwait(false);
        return siblings.FirstOrDefault(a => a.Path == path)
            ?? throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"{source.Name} has no artifact {Excerpt.Of(path)}.");
    }

    /// <summary>All below one folder, checked.</summary>
    private sealed class Tree(ArtifactSource source, DownloadTarget target, Action<string>? leaveOut = null)
    {
        // What differs in case only is one file where names are compared without it.
        private readonly HashSet<string> _taken = new(
            OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

        public List<ArtifactInfo> Files { get; } = [];

        public List<string> Folders { get; } = [];

        public async Task ListAsync(string root, CancellationToken cancellationToken)
        {
            var waiting = new Stack<string>([root]);
            while (waiting.TryPop(out var folder))
            {
                Folders.Add(folder);
                foreach (var entry in await ListFolderAsync(folder, cancellationToken).ConfigureAwait(false))
                {
                    if (entry.Path == folder)
                    {
                        continue; // Object stores know folders as empty objects, and some list them in themselves.
                    }

                    if (!MayCopy(entry.Path, folder))
                    {
                        continue;
                    }

                    if (entry.IsDirectory)
                    {
                        waiting.Push(entry.Path);
                    }
                    else
                    {
                        Files.Add(entry);
                    }
                }
            }
        }

        private async ValueTask<IReadOnlyList<ArtifactInfo>> ListFolderAsync(string folder, CancellationToken cancellationToken)
        {
            try
            {
                return await source.ListAsync(folder, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (leaveOut is not null && SyncFaults.IsOfOneThing(e) && e is not NotSupportedException)
            {
                var where = folder.Length == 0 ? "" : $" in {Excerpt.Of(folder)}";
                leaveOut($"The artifacts{where} could not be listed: {Sentence.Of(e.Message)}");
                return [];
            }
        }

        private bool MayCopy(string path, string folder)
        {
            try
            {
                Check(path, folder);
                return true;
            }
            catch (Exception e) when (leaveOut is not null && e is ModelTrackException or ArgumentException or IOException)
            {
                leaveOut(Sentence.Of(e.Message));
                return false;
            }
        }

        private void Check(string path, string folder)
        {
            var fault = ArtifactPath.FindListingFault(path, folder) ?? (source.IsRemote ? ArtifactPath.FindFault(path) : null);
            if (fault is null && !_taken.Add(path))
            {
                fault = "another one has the same path here";
            }

            if (fault is not null)
            {
                throw new ModelTrackException(
                    ErrorCode.InvalidParameterValue, $"{source.Name} lists the artifact {Excerpt.Of(path)}, which cannot be copied: {fault}.");
            }

            target.PathOf(path);
        }
    }
}
