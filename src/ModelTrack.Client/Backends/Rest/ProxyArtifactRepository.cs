using System.Net;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Artifacts behind a server's artifact service (<c>mlflow-artifacts:</c>): through the server, or, where that is switched on and the
/// server has it, in parts and straight to and from the store behind it, by URLs that the server signs. Those go to another origin and
/// get none of our credentials.
/// </summary>
internal sealed class ProxyArtifactRepository(RestSender sender, ProxyLocation location, ArtifactSettings settings, ProxyFeatures features)
    : IArtifactRepository
{
    /// <summary>S3 takes no more.</summary>
    private const int MostParts = 10_000;

    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    public async Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken cancellationToken = default)
    {
        var full = location.FullPath(path);
        var uri = new Uri($"{location.Service}/artifacts" + (full.Length == 0 ? "" : $"?path={Uri.EscapeDataString(full)}"));
        var listing = await sender.GetAsync(uri, ArtifactJson.Default.Listing, cancellationToken).ConfigureAwait(false);
        // The service names an entry without its folder.
        var entries = ArtifactListing.Read(listing.Files, path, name => ArtifactUrl.Join(path, name));
        // Some stores list a file as if it were a folder with itself in it.
        return entries is [{ IsDirectory: false } only] && path.Length > 0 && only.Path == $"{path}/{path[(path.LastIndexOf('/') + 1)..]}"
            && await IsFileAsync(path, cancellationToken).ConfigureAwait(false)
                ? []
                : entries;
    }

    public async Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            return await sender.OpenAsync(location.UriOf("artifacts", path), cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            throw TransferErrors.Download(e, path);
        }
    }

    public async Task DownloadAsync(
        string path, string localFile, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        try
        {
            if (await TryDownloadPresignedAsync(path, localFile, progress, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            var uri = location.UriOf("artifacts", path);
            await sender.GetFileAsync(
                () => new HttpRequestMessage(HttpMethod.Get, uri), localFile, expected: null, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            throw TransferErrors.Download(e, path);
        }
    }

    public async Task UploadAsync(
        string localFile, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var length = new FileInfo(localFile).Length;
        var inParts = settings.MultipartUpload && length >= settings.MultipartUploadMinimum && length > 0;
        try
        {
            if (inParts && await TryUploadInPartsAsync(localFile, length, path, progress, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            await sender.PutFileAsync(location.UriOf("artifacts", path), path, localFile, length, progress, answersJson: true, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            throw TransferErrors.Upload(e, path, length, couldBeInParts: !settings.MultipartUpload);
        }
    }

    /// <summary>The service cannot do it, for this store or at all: told once, remembered.</summary>
    private static bool IsNotOffered(ModelTrackException e) => e.StatusCode == HttpStatusCode.NotImplemented || RestErrors.IsMissingRoute(e);

    private async Task<bool> IsFileAsync(string path, CancellationToken cancellationToken)
    {
        var siblings = await ListAsync(ArtifactPath.FolderOf(path), cancellationToken).ConfigureAwait(false);
        return siblings.Any(entry => entry.Path == path && !entry.IsDirectory);
    }

    private async Task<bool> TryUploadInPartsAsync(
        string localFile, long length, string path, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var full = location.FullPath(path);
        var folder = ArtifactPath.FolderOf(full);
        if (features.NoMultipartUpload || folder.Length == 0)
        {
            return false; // The service has no route for files at its root.
        }

        var name = full[(folder.Length + 1)..];
        var parts = FilePart.Cut(length, settings.UploadPartSize, MostParts).ToList();
        ArtifactWire.CreatedUpload upload;
        try
        {
            upload = await sender.SendAsync(
                HttpMethod.Post,
                Mpu("create"),
                new ArtifactWire.CreateUpload(name, parts.Count),
                ArtifactJson.Default.CreateUpload,
                ArtifactJson.Default.CreatedUpload,
                cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (IsNotOffered(e))
        {
            features.NoMultipartUpload = true;
            return false;
        }

        try
        {
            var sent = await SendPartsAsync(localFile, parts, upload, progress, cancellationToken).ConfigureAwait(false);
            await sender.SendAsync(
                HttpMethod.Post,
                Mpu("complete"),
                new ArtifactWire.CompleteUpload(name, upload.UploadId, sent),
                ArtifactJson.Default.CompleteUpload,
                ArtifactJson.Default.Nothing,
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch
        {
            await AbortAsync(Mpu("abort"), new ArtifactWire.AbortUpload(name, upload.UploadId)).ConfigureAwait(false);
            throw;
        }

        Uri Mpu(string step) => new($"{location.Service}/mpu/{step}/{ArtifactUrl.Escape(folder)}");
    }

    private async Task<IReadOnlyList<ArtifactWire.SentPart>> SendPartsAsync(
        string localFile, List<FilePart> parts, ArtifactWire.CreatedUpload upload, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var targets = (upload.Credentials ?? []).ToLookup(target => target.PartNumber);
        var total = new PartsProgress(progress);
        var sent = new ArtifactWire.SentPart[parts.Count];
        await Parallel.ForEachAsync(parts, Options(cancellationToken), async (part, token) =>
        {
            var target = targets[part.Number].FirstOrDefault();
            var uri = SignedUri(target?.Url, $"part {part.Number} of {parts.Count}");
            var tag = await sender.PutPartAsync(
                uri, target!.Headers, localFile, part.Offset, part.Length, total.OfPart(), token).ConfigureAwait(false);
            // Azure knows its blocks by the URL, S3 by the tag.
            sent[part.Number - 1] = new ArtifactWire.SentPart(part.Number, tag, target.Url!);
        }).ConfigureAwait(false);
        return sent;
    }

    /// <summary>The store keeps, and charges for, the parts of an upload that nobody ends. Best effort; the caller has the failure that counts.</summary>
    private async Task AbortAsync(Uri uri, ArtifactWire.AbortUpload upload)
    {
        using var over = new CancellationTokenSource(AbortTimeout, sender.Connection.Clock);
        try
        {
            await sender.SendAsync(
                HttpMethod.Post,
                uri,
                upload,
                ArtifactJson.Default.AbortUpload,
                ArtifactJson.Default.Nothing,
                over.Token,
                mayRepeat: false).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ModelTrackException or OperationCanceledException)
        {
            // Stores also clean up by themselves, by rules of their owners.
        }
    }

    private async Task<bool> TryDownloadPresignedAsync(
        string path, string localFile, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (!settings.PresignedDownload || features.NoPresignedDownload)
        {
            return false;
        }

        try
        {
            var signed = await SignAsync(path, cancellationToken).ConfigureAwait(false);
            return signed.Length is { } length
                && await TryFetchAsync(path, signed, length, localFile, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (IsNotOffered(e))
        {
            features.NoPresignedDownload = true;
            return false;
        }
        catch (ModelTrackException e) when (!e.IsTransient)
        {
            return false; // No such file, perhaps; the service itself says what it is.
        }
    }

    private async Task<bool> TryFetchAsync(
        string path, SignedFile signed, long length, string localFile, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await FetchAsync(path, signed, length, localFile, progress, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is NotSupportedException or ModelTrackException)
        {
            // The server can reach the store and send the whole file. A store that is out of reach from here stays so.
            features.NoPresignedDownload |= e is ModelTrackException { StatusCode: null };
            return false;
        }
    }

    private async Task FetchAsync(
        string path, SignedFile signed, long length, string localFile, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (length <= settings.DownloadPartSize)
        {
            await sender.GetFileAsync(
                () => ArtifactTransfers.GetRequest(signed.Uri, signed.Headers), localFile, length, progress, cancellationToken).ConfigureAwait(false);
            return;
        }

        var total = new PartsProgress(progress);
        string? version = null;
        using var file = FileCopy.Create(localFile);
        await Parallel.ForEachAsync(FilePart.Cut(length, settings.DownloadPartSize, int.MaxValue), Options(cancellationToken), async (part, token) =>
        {
            var tag = await FetchPartAsync(part, total.OfPart(), token).ConfigureAwait(false);
            if (tag is not null && Interlocked.CompareExchange(ref version, tag, null) is { } other && other != tag)
            {
                throw new NotSupportedException("The file changed while it was fetched in parts.");
            }
        }).ConfigureAwait(false);

        async Task<string?> FetchPartAsync(FilePart part, Action<long>? watch, CancellationToken token)
        {
            var now = signed;
            try
            {
                return await GetAsync(now).ConfigureAwait(false);
            }
            catch (ModelTrackException e) when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
            {
                // URLs are signed for minutes; a large file takes longer.
                signed = now == signed ? await SignAsync(path, token).ConfigureAwait(false) : signed;
                return await GetAsync(signed).ConfigureAwait(false);
            }

            Task<string?> GetAsync(SignedFile from) => sender.GetRangeAsync(
                () => ArtifactTransfers.GetRequest(from.Uri, from.Headers), file, part.Offset, part.Length, watch, token);
        }
    }

    private async Task<SignedFile> SignAsync(string path, CancellationToken cancellationToken)
    {
        var signed = await sender.GetAsync(
            location.UriOf("presigned", path), ArtifactJson.Default.Presigned, cancellationToken).ConfigureAwait(false);
        return new SignedFile(SignedUri(signed.Url, path), signed.Headers, signed.FileSize is >= 0 ? signed.FileSize : null);
    }

    private static Uri SignedUri(string? url, string of)
        => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri
            : throw new ModelTrackException(ErrorCode.InternalError, $"The server gave no address for {Excerpt.Of(of)}.");

    private ParallelOptions Options(CancellationToken cancellationToken)
        => new() { MaxDegreeOfParallelism = settings.ParallelParts, CancellationToken = cancellationToken };

    private sealed record SignedFile(Uri Uri, IReadOnlyDictionary<string, string>? Headers, long? Length);
}
