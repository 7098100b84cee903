using System.Net;
using System.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>Moves single files and parts of files between the disk and a URL, each with its own tries.</summary>
internal static class ArtifactTransfers
{
    /// <summary>
    /// From this size on the server is asked before the body is sent, so that what it refuses (too large, not allowed, elsewhere) costs
    /// no upload.
    /// </summary>
    private const long AsksFirst = 1 << 20;

    /// <summary>Sends a file as the whole body of a PUT.</summary>
    /// <param name="sender">Sends.</param>
    /// <param name="uri">Where to.</param>
    /// <param name="path">Its path among the artifacts.</param>
    /// <param name="localFile">The file.</param>
    /// <param name="length">Its length.</param>
    /// <param name="progress">Told of the bytes.</param>
    /// <param name="answersJson">What takes it answers as MLflow does: a page of a proxy with a good status is not taken for that.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task PutFileAsync(
        this RestSender sender,
        Uri uri,
        string path,
        string localFile,
        long length,
        IProgress<long>? progress,
        bool answersJson,
        CancellationToken cancellationToken)
        => await sender.PutAsync(
            uri,
            watch => new FileContent(localFile, 0, length, Sent(watch, length, progress is null ? null : progress.Report))
            {
                Headers = { ContentType = new MediaTypeHeaderValue(ArtifactContentType.Of(path)) },
            },
            request => request.Headers.ExpectContinue = length >= AsksFirst ? true : null,
            cancellationToken,
            answersJson).ConfigureAwait(false);

    /// <summary>Sends a part of a file to where a server said, and returns the tag that the store there gave it.</summary>
    public static async Task<string> PutPartAsync(
        this RestSender sender,
        Uri uri,
        IReadOnlyDictionary<string, string>? headers,
        string localFile,
        long offset,
        long length,
        Action<long>? progress,
        CancellationToken cancellationToken)
        => await sender.PutAsync(
            uri,
            watch => new FileContent(localFile, offset, length, Sent(watch, length, progress)),
            request => AddHeaders(request, headers),
            cancellationToken).ConfigureAwait(false);

    /// <summary>Fetches a body into a new file.</summary>
    /// <param name="sender">Sends.</param>
    /// <param name="create">Makes the request.</param>
    /// <param name="localFile">The file; replaced when it is there.</param>
    /// <param name="expected">The length that the body must have; null: any.</param>
    /// <param name="progress">Told of the bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task GetFileAsync(
        this RestSender sender,
        Func<HttpRequestMessage> create,
        string localFile,
        long? expected,
        IProgress<long>? progress,
        CancellationToken cancellationToken)
        => await UnwrapAsync(() => sender.TransferAsync(
            _ => create(),
            async (response, watch, token) =>
            {
                using var file = LocalFileException.Guard(() => FileCopy.Create(localFile));
                return await CopyAsync(response, file, 0, expected, watch, progress is null ? null : progress.Report, token).ConfigureAwait(false);
            },
            cancellationToken)).ConfigureAwait(false);

    /// <summary>Opens a body for reading; the caller disposes it.</summary>
    public static async Task<Stream> OpenAsync(this RestSender sender, Uri uri, CancellationToken cancellationToken)
    {
        var response = await sender.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, uri), mayRepeat: true, cancellationToken).ConfigureAwait(false);
        return await ResponseStream.OpenAsync(
            response, sender.Connection.Settings.RequestTimeout, sender.Connection.Clock, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches a range of bytes into its place in a file.</summary>
    /// <returns>The tag of the version that it is of, if the store gave one.</returns>
    /// <exception cref="NotSupportedException">The store does not answer with that range.</exception>
    public static async Task<string?> GetRangeAsync(
        this RestSender sender,
        Func<HttpRequestMessage> create,
        SafeFileHandle file,
        long offset,
        long length,
        Action<long>? progress,
        CancellationToken cancellationToken)
        => await UnwrapAsync(() => sender.TransferAsync(
            _ =>
            {
                var request = create();
                request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
                return request;
            },
            async (response, watch, token) =>
            {
                if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != offset)
                {
                    throw new NotSupportedException("The store does not send files in parts.");
                }

                await CopyAsync(response, file, offset, length, watch, progress, token).ConfigureAwait(false);
                return TagOf(response);
            },
            cancellationToken)).ConfigureAwait(false);

    /// <summary>A request to where a server said; with the headers that it said.</summary>
    public static HttpRequestMessage GetRequest(Uri uri, IReadOnlyDictionary<string, string>? headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        AddHeaders(request, headers);
        return request;
    }

    private static async Task<string> PutAsync(
        this RestSender sender,
        Uri uri,
        Func<TransferWatch, HttpContent> content,
        Action<HttpRequestMessage> prepare,
        CancellationToken cancellationToken,
        bool answersJson = false)
        => await UnwrapAsync(() => sender.TransferAsync(
            watch =>
            {
                var request = new HttpRequestMessage(HttpMethod.Put, uri) { Content = content(watch) };
                prepare(request);
                return request;
            },
            async (response, _, token) =>
            {
                if (answersJson)
                {
                    var body = await response.Content.ReadAsByteArrayAsync(token).ConfigureAwait(false);
                    sender.Parse(response.StatusCode, body, ArtifactJson.Default.Nothing);
                }

                return TagOf(response) ?? "";
            },
            cancellationToken)).ConfigureAwait(false);

    private static async Task<long> CopyAsync(
        HttpResponseMessage response,
        SafeFileHandle file,
        long offset,
        long? expected,
        TransferWatch watch,
        Action<long>? progress,
        CancellationToken cancellationToken)
    {
        var content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            var count = await FileCopy.ToHandleAsync(
                content,
                file,
                offset,
                expected ?? long.MaxValue,
                watch.Touch,
                progress,
                cancellationToken).ConfigureAwait(false);
            return expected is null || count == expected
                ? count
                : throw new IOException($"{count} of {expected} bytes came.");
        }
    }

    private static Action<long> Sent(TransferWatch watch, long length, Action<long>? progress) => total =>
    {
        if (total < length)
        {
            watch.Touch();
        }
        else
        {
            watch.AllSent(length);
        }

        progress?.Invoke(total);
    };

    private static async Task<T> UnwrapAsync<T>(Func<Task<T>> transfer)
    {
        try
        {
            return await transfer().ConfigureAwait(false);
        }
        catch (LocalFileException e)
        {
            e.ThrowCause();
            throw;
        }
    }

    private static string? TagOf(HttpResponseMessage response)
        => response.Headers.TryGetValues("ETag", out var values) ? values.FirstOrDefault() : null;

    private static void AddHeaders(HttpRequestMessage request, IReadOnlyDictionary<string, string>? headers)
    {
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }
}
