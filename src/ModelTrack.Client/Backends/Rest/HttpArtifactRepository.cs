namespace ModelTrack.Client.Backends.Rest;

/// <summary>Artifacts at a web address that is no artifact service's: files are got and put, folders cannot be listed.</summary>
internal sealed class HttpArtifactRepository : IArtifactRepository
{
    private readonly RestSender _sender;
    private readonly string _root;
    private readonly string _query;

    /// <param name="sender">Sends; with credentials to the tracking server's own origin alone.</param>
    /// <param name="location">The address. Its query, such as a signature, goes with every request.</param>
    public HttpArtifactRepository(RestSender sender, Uri location)
    {
        _sender = sender;
        _root = location.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
        _query = location.Query;
    }

    public Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken cancellationToken = default)
        => Task.FromException<IReadOnlyList<ArtifactInfo>>(new NotSupportedException($"Files at {_root} can be read and written, but not listed."));

    public async Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _sender.OpenAsync(UriOf(path), cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            throw TransferErrors.Download(OfFile(e), path);
        }
    }

    public async Task UploadAsync(
        string localFile, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var length = new FileInfo(localFile).Length;
        try
        {
            await _sender.PutFileAsync(UriOf(path), path, localFile, length, progress, answersJson: false, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            throw TransferErrors.Upload(e, path, length, couldBeInParts: false);
        }
    }

    public async Task DownloadAsync(
        string path, string localFile, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await _sender.GetFileAsync(
                () => new HttpRequestMessage(HttpMethod.Get, UriOf(path)), localFile, expected: null, progress, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            throw TransferErrors.Download(OfFile(e), path);
        }
    }

    /// <summary>Here a 404 is about the file, whatever page comes with it.</summary>
    private static ModelTrackException OfFile(ModelTrackException e)
        => e.StatusCode == System.Net.HttpStatusCode.NotFound
            ? new ModelTrackException(ErrorCode.ResourceDoesNotExist, e.Message, e.InnerException) { StatusCode = e.StatusCode }
            : e;

    private Uri UriOf(string path) => new($"{_root}/{ArtifactUrl.Escape(path)}{_query}");
}
