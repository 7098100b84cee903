using System.Net;
using System.Net.Http.Headers;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// A run's artifacts through its server: by the server's proxy where the artifact URI says so, else, for reading only, by the server's
/// own access to the place.
/// </summary>
internal sealed class RestArtifacts(RestApi api)
{
    private const string ProxyRoute = "api/2.0/mlflow-artifacts/artifacts";

    /// <summary>One folder, sorted by path.</summary>
    public async Task<List<ArtifactInfo>> ListAsync(string runId, string path, CancellationToken cancellationToken)
    {
        var entries = new List<ArtifactInfo>();
        string? token = null;
        while (true)
        {
            var page = await api.Artifacts.ListAsync(runId, path, token, cancellationToken).ConfigureAwait(false);
            entries.AddRange((page.Files ?? []).Select(file => file.ToArtifactInfo()));
            if (string.IsNullOrEmpty(page.NextPageToken) || page.NextPageToken == token)
            {
                break;
            }

            token = page.NextPageToken;
        }

        // Some servers answer the path of a file with that file.
        entries.RemoveAll(entry => entry.Path == path);
        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }

    public async ValueTask<Stream> OpenAsync(string runId, string path, CancellationToken cancellationToken)
    {
        var run = await api.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        var uri = ProxyUriOf(run, path) ?? api.Artifacts.UriOfFile(runId, path);
        try
        {
            var response = await api.Sender.SendAsync(
                () => new HttpRequestMessage(HttpMethod.Get, uri), mayRepeat: true, cancellationToken).ConfigureAwait(false);
            return await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.InternalServerError)
        {
            // Servers answer a missing file, and a folder, in several ways.
            var slash = path.LastIndexOf('/');
            var folder = await ListAsync(runId, slash < 0 ? "" : path[..slash], cancellationToken).ConfigureAwait(false);
            if (folder.Exists(entry => entry.Path == path && !entry.IsDirectory))
            {
                throw;
            }

            throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The run '{runId}' has no artifact file '{path}'.", e);
        }
    }

    public async ValueTask WriteAsync(string runId, string path, Stream content, CancellationToken cancellationToken)
    {
        var run = await api.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        var uri = ProxyUriOf(run, path) ?? throw new ModelTrackException(
            ErrorCode.NotImplemented,
            $"The artifacts of run '{runId}' are at {run.Info?.ArtifactUri}, which cannot be written to from here. Start the server with "
            + "--serve-artifacts and use an experiment whose artifact location begins with mlflow-artifacts:.");
        if (content.CanSeek)
        {
            await PutAsync(uri, content, cancellationToken).ConfigureAwait(false);
            return;
        }

        // It may have to be sent again.
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
        copy.Position = 0;
        await PutAsync(uri, copy, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask UploadAsync(
        string runId, string path, string localFile, IProgress<long>? sentBytes, CancellationToken cancellationToken)
    {
        var content = new FileStream(
            localFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
        await using (content.ConfigureAwait(false))
        {
            await WriteAsync(runId, path, content, cancellationToken).ConfigureAwait(false);
            sentBytes?.Report(content.Length);
        }
    }

    private async Task PutAsync(Uri uri, Stream content, CancellationToken cancellationToken)
    {
        var start = content.Position;
        using var response = await api.Sender.SendAsync(
            () =>
            {
                content.Position = start;
                return new HttpRequestMessage(HttpMethod.Put, uri)
                {
                    Content = new StreamContent(content) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
                };
            },
            mayRepeat: true,
            cancellationToken,
            Timeout.InfiniteTimeSpan).ConfigureAwait(false);
    }

    /// <summary>Where the server's proxy has a file; null when the run's artifacts are not behind it.</summary>
    private Uri? ProxyUriOf(WireRun run, string path)
    {
        if (!Uri.TryCreate(run.Info?.ArtifactUri, UriKind.Absolute, out var root))
        {
            return null;
        }

        var folder = root.Scheme switch
        {
            "http" or "https" => root.GetLeftPart(UriPartial.Path),
            "mlflow-artifacts" => $"{ProxyOf(root)}/{ProxyRoute}/{root.AbsolutePath.Trim('/')}",
            _ => null,
        };
        return folder is null ? null : new Uri($"{folder.TrimEnd('/')}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");
    }

    private string ProxyOf(Uri root)
    {
        var server = api.Sender.Connection.BaseUri;
        return root.Authority.Length == 0
            ? server.AbsoluteUri.TrimEnd('/')
            : $"{server.Scheme}://{root.Authority}{server.AbsolutePath.TrimEnd('/')}";
    }
}
