namespace ModelTrack.Client;

/// <summary>
/// Files at one location, for example below <c>s3://bucket/1/…/artifacts</c>. Implement it for a scheme that this package does not speak
/// and name it in <see cref="TrackerOptions.ArtifactRepositories"/>.
/// </summary>
/// <remarks>
/// Paths are relative to the location and have <c>/</c> between their parts; those that come in are checked and lead nowhere else. What
/// passes by itself (a reset, a busy store) an implementation should try again by itself before it throws. It throws an
/// <see cref="IOException"/> for what may pass later, and a <see cref="ModelTrackException"/> for a refusal; a missing file is one with
/// <see cref="ErrorCode.ResourceDoesNotExist"/>. Calls come from several threads. A repository is kept for later calls and not disposed:
/// what is costly, such as a client, belongs to whoever makes repositories.
/// </remarks>
public interface IArtifactRepository
{
    /// <summary>Lists one folder, not the folders below it.</summary>
    /// <param name="path">The folder; empty for the location itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entries with their paths from the location on, in any order; none when there is no such folder.</returns>
    Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the wait for the beginning of the content.</param>
    /// <returns>The content, which need not be seekable; the caller disposes it.</returns>
    Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Stores a local file, whole or not at all, in the place of one that may be there.</summary>
    /// <param name="localFile">The file. It does not change meanwhile.</param>
    /// <param name="path">Its path at the location, the name included; folders above it need not exist.</param>
    /// <param name="progress">Told how many bytes have been sent; the number falls when a part is sent again. Null: nobody asks.</param>
    /// <param name="cancellationToken">Ends the upload; the path then holds what it held before.</param>
    /// <returns>When it is stored.</returns>
    Task UploadAsync(string localFile, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Writes a file's content to a local file.</summary>
    /// <param name="path">The file at the location.</param>
    /// <param name="localFile">
    /// The local file, in a folder that exists; replaced when it is there. It is a temporary one, so that what an exception leaves in it is
    /// of no concern.
    /// </param>
    /// <param name="progress">Told how many bytes have come; the number falls when a part is asked for again. Null: nobody asks.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>When all is written.</returns>
    Task DownloadAsync(string path, string localFile, IProgress<long>? progress = null, CancellationToken cancellationToken = default);
}
