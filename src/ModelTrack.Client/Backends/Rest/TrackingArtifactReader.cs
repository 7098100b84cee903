using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Reads a run's artifacts through the tracking server itself, which can read every location that it gave out: the way to those that this
/// machine cannot reach, or whose scheme it does not speak.
/// </summary>
internal sealed class TrackingArtifactReader(RestSender sender)
{
    private readonly ArtifactsApi _api = new(sender);

    public async Task<IReadOnlyList<ArtifactInfo>> ListAsync(string runId, string path, CancellationToken cancellationToken)
    {
        var files = new List<WireFile>();
        string? page = null;
        do
        {
            var listing = await _api.ListAsync(runId, path, page, cancellationToken).ConfigureAwait(false);
            files.AddRange(listing.Files ?? []);
            page = listing.NextPageToken is { Length: > 0 } next && next != page ? next : null;
        }
        while (page is not null);

        return ArtifactListing.Read(files, path, listed => listed);
    }

    public async Task<Stream> OpenReadAsync(string runId, string path, CancellationToken cancellationToken)
        => await sender.OpenAsync(_api.UriOfFile(runId, path), cancellationToken).ConfigureAwait(false);

    public async Task DownloadAsync(string runId, string path, string localFile, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var uri = _api.UriOfFile(runId, path);
        try
        {
            await sender.GetFileAsync(
                () => new HttpRequestMessage(HttpMethod.Get, uri), localFile, expected: null, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            throw TransferErrors.Download(e, path);
        }
    }
}
