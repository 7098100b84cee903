using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client;

/// <summary>Artifacts in a folder of this machine. No link that lies in it leads out.</summary>
internal sealed class LocalArtifactRepository(string root) : IArtifactRepository
{
    public Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken cancellationToken = default)
        => DoAsync<IReadOnlyList<ArtifactInfo>>(() => ArtifactFiles.List(root, path), cancellationToken);

    public Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
        => DoAsync<Stream>(() => ArtifactFiles.Open(root, path, $"folder '{root}'"), cancellationToken);

    public async Task UploadAsync(
        string localFile, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var content = new FileStream(localFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
        await using (content.ConfigureAwait(false))
        {
            await ArtifactFiles.WriteAsync(root, path, content, cancellationToken).ConfigureAwait(false);
            progress?.Report(content.Length);
        }
    }

    public async Task DownloadAsync(
        string path, string localFile, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var content = await OpenReadAsync(path, cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            await FileCopy.ToFileAsync(content, localFile, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task<T> DoAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(work());
        }
        catch (OperationCanceledException)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        catch (Exception e) when (e is ModelTrackException or IOException or UnauthorizedAccessException)
        {
            return Task.FromException<T>(e);
        }
    }
}
