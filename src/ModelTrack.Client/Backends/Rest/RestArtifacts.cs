using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// The artifacts of a server's runs. Where they are is the run's <c>artifact_uri</c>, which is asked for once. What nothing here can reach
/// is read through the tracking server, and not written.
/// </summary>
internal sealed class RestArtifacts(
    RestSender sender, TrackerOptions options, ArtifactRepositories repositories, Func<string, CancellationToken, ValueTask<RunSnapshot>> getRun)
{
    private const int MostKnownRuns = 1000;

    private readonly TrackingArtifactReader _reader = new(sender);
    private readonly ILogger _logger = options.CreateLogger();
    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);

    public RestArtifacts(
        RestSender sender,
        TrackerOptions options,
        TrackingEnvironment environment,
        Func<string, CancellationToken, ValueTask<RunSnapshot>> getRun)
        : this(sender, options, new ArtifactRepositories(sender, options, environment), getRun)
    {
    }

    /// <summary>For locations that belong to no run, such as those of models.</summary>
    public ArtifactRepositories Repositories => repositories;

    public async ValueTask<IReadOnlyList<ArtifactInfo>> ListAsync(string runId, string path, CancellationToken cancellationToken)
    {
        var place = await FindAsync(runId, cancellationToken).ConfigureAwait(false);
        return place.Repository is { } repository and not (ProxyArtifactRepository or HttpArtifactRepository)
            ? await repository.ListAsync(path, cancellationToken).ConfigureAwait(false)
            : await _reader.ListAsync(runId, path, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<Stream> OpenAsync(string runId, string path, CancellationToken cancellationToken)
        => await ReadAsync(
            runId,
            path,
            repository => repository.OpenReadAsync(path, cancellationToken),
            () => _reader.OpenReadAsync(runId, path, cancellationToken),
            cancellationToken).ConfigureAwait(false);

    /// <summary>Writes an artifact's content to a local file.</summary>
    public async ValueTask DownloadAsync(
        string runId, string path, string localFile, IProgress<long>? progress, CancellationToken cancellationToken)
        => await ReadAsync(
            runId,
            path,
            async repository =>
            {
                await repository.DownloadAsync(path, localFile, progress, cancellationToken).ConfigureAwait(false);
                return true;
            },
            async () =>
            {
                await _reader.DownloadAsync(runId, path, localFile, progress, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Stores the rest of a stream, by way of a temporary file: what breaks off is sent again from its beginning.</summary>
    public async ValueTask WriteAsync(string runId, string path, Stream content, CancellationToken cancellationToken)
    {
        var temporary = Path.GetTempFileName(); // For the owner alone.
        try
        {
            await FileCopy.ToFileAsync(content, temporary, null, cancellationToken).ConfigureAwait(false);
            await UploadAsync(runId, path, temporary, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            AtomicFile.TryDelete(temporary);
        }
    }

    /// <summary>Stores a local file.</summary>
    /// <exception cref="ModelTrackException">It was refused, or did not get through; or nothing writes to where the run's artifacts are.</exception>
    public async ValueTask UploadAsync(
        string runId, string path, string localFile, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var place = await FindAsync(runId, cancellationToken).ConfigureAwait(false);
        var repository = place.Repository ?? throw ArtifactRepositories.CannotWrite(place.Location);
        if (repository is ProxyArtifactRepository && ArtifactPath.Decode(path) is var stored && stored != path)
        {
            _logger.LogWarning("MLflow's artifact service stores {Path} as {Stored}: it decodes percent signs in names", path, stored);
        }

        await repository.UploadAsync(localFile, path, progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> ReadAsync<T>(
        string runId, string path, Func<IArtifactRepository, Task<T>> direct, Func<Task<T>> throughServer, CancellationToken cancellationToken)
    {
        var place = await FindAsync(runId, cancellationToken).ConfigureAwait(false);
        switch (place.Repository)
        {
            case null:
                try
                {
                    return await throughServer().ConfigureAwait(false);
                }
                catch (ModelTrackException e) when (e.StatusCode == HttpStatusCode.InternalServerError)
                {
                    await CheckIsFileAsync(runId, path, e, cancellationToken).ConfigureAwait(false);
                    throw;
                }

            case not ProxyArtifactRepository:
                return await direct(place.Repository).ConfigureAwait(false);
        }

        // The artifact service puts names into a header as they are, and breaks on those that no header can hold; the tracking server does not.
        var isForeign = !Ascii.IsValid(path.AsSpan(path.LastIndexOf('/') + 1));
        try
        {
            return isForeign ? await throughServer().ConfigureAwait(false) : await direct(place.Repository).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (isForeign ? e.StatusCode is not null : e.StatusCode == HttpStatusCode.InternalServerError)
        {
            await CheckIsFileAsync(runId, ArtifactPath.Decode(path), e, cancellationToken).ConfigureAwait(false);
            return isForeign ? await direct(place.Repository).ConfigureAwait(false) : await throughServer().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Older servers and some stores have a 500 for a file that is missing, and all have one for a folder, with paths of theirs in it; only
    /// the listing of its folder tells.
    /// </summary>
    /// <exception cref="ModelTrackException">It is missing, or a folder.</exception>
    private async Task CheckIsFileAsync(string runId, string path, ModelTrackException failure, CancellationToken cancellationToken)
    {
        var siblings = await _reader.ListAsync(runId, ArtifactPath.FolderOf(path), cancellationToken).ConfigureAwait(false);
        var entry = siblings.FirstOrDefault(entry => entry.Path == path);
        if (entry is { IsDirectory: false })
        {
            return;
        }

        if (failure.ErrorCode == ErrorCode.ResourceDoesNotExist)
        {
            throw failure;
        }

        throw new ModelTrackException(
            ErrorCode.ResourceDoesNotExist,
            entry is null
                ? $"Run {runId} has no artifact {Excerpt.Of(path)}."
                : $"The artifact {Excerpt.Of(path)} of run {runId} is a folder; DownloadArtifactsAsync copies what is in it.",
            failure)
        {
            StatusCode = failure.StatusCode,
        };
    }

    private async ValueTask<Place> FindAsync(string runId, CancellationToken cancellationToken)
    {
        if (_places.TryGetValue(runId, out var known))
        {
            return known;
        }

        var run = await getRun(runId, cancellationToken).ConfigureAwait(false);
        // Where the server chose the place it ends in experiment, run and "artifacts"; where the user did, in the last two.
        var ownFolders = run.ArtifactUri.TrimEnd('/').EndsWith($"/{run.ExperimentId}/{runId}/artifacts", StringComparison.Ordinal) ? 3 : 2;
        var place = new Place(run.ArtifactUri, repositories.Find(run.ArtifactUri, ownFolders));
        if (_places.Count >= MostKnownRuns)
        {
            _places.Clear();
        }

        _places[runId] = place;
        return place;
    }

    private sealed record Place(string Location, IArtifactRepository? Repository);
}
