using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Copies a run's artifacts to the local disk through a backend. The backend's answers are not trusted: nothing that it names leads out
/// of the destination.
/// </summary>
internal static class ArtifactDownload
{
    /// <summary>
    /// Copies a file, or a folder with all in it, to the same path below <paramref name="destination"/>, as MLflow does; the empty path is
    /// all of the run's artifacts. Existing files are replaced, each one whole.
    /// </summary>
    /// <returns>The full local path of the file or folder.</returns>
    public static async Task<string> RunAsync(
        ITrackingBackend backend, string runId, string destination, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        path = ArtifactPath.NormalizeForReading(path);
        var target = new DownloadTarget(destination);

        if (path.Length > 0 && !await IsFolderAsync(backend, runId, path, cancellationToken).ConfigureAwait(false))
        {
            return await CopyFileAsync(backend, runId, path, target, cancellationToken).ConfigureAwait(false);
        }

        var folders = new Stack<string>([path]);
        while (folders.TryPop(out var folder))
        {
            target.CreateFolder(folder);
            foreach (var entry in await backend.ListArtifactsAsync(runId, folder, cancellationToken).ConfigureAwait(false))
            {
                if (entry.Path == folder)
                {
                    continue; // Object stores know folders as empty objects, and some list them in themselves.
                }

                CheckListed(entry.Path, folder);
                if (entry.IsDirectory)
                {
                    folders.Push(entry.Path);
                }
                else
                {
                    await CopyFileAsync(backend, runId, entry.Path, target, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return target.PathOf(path);
    }

    // MLflow has no request that says what a path is: only the listing of its parent tells a file, a folder and nothing apart.
    private static async Task<bool> IsFolderAsync(ITrackingBackend backend, string runId, string path, CancellationToken cancellationToken)
    {
        var slash = path.LastIndexOf('/');
        var siblings = await backend.ListArtifactsAsync(runId, slash < 0 ? "" : path[..slash], cancellationToken).ConfigureAwait(false);
        return siblings.FirstOrDefault(a => a.Path == path)?.IsDirectory
            ?? throw new ModelTrackException(
                ErrorCode.ResourceDoesNotExist, $"The run {Excerpt.Of(runId)} has no artifact {Excerpt.Of(path)}.");
    }

    private static async Task<string> CopyFileAsync(
        ITrackingBackend backend, string runId, string path, DownloadTarget target, CancellationToken cancellationToken)
    {
        var content = await backend.OpenArtifactAsync(runId, path, cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            return await target.WriteFileAsync(path, content, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void CheckListed(string path, string folder)
    {
        var fault = path is null ? "it has no path" : ArtifactPath.FindReadingFault(path);
        if (fault is null)
        {
            // One level deep and inside: else a listing could lead anywhere, or round and round.
            var name = folder.Length == 0 ? path : path!.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..] : "";
            fault = name is "" || name!.Contains('/') ? $"it is no entry of the folder {Excerpt.Of(folder)}" : null;
        }

        if (fault is not null)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidParameterValue, $"The store lists the artifact {Excerpt.Of(path)}, which cannot be copied: {fault}.");
        }
    }
}
