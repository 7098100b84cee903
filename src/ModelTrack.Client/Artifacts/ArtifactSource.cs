using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>What artifacts are copied from: one run, or one location.</summary>
internal sealed record ArtifactSource
{
    /// <summary>What it is called in messages, for example <c>The run "4f…"</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Its listings come over a network, and from whoever may have written there: each path must be one that could be written anew.
    /// </summary>
    public required bool IsRemote { get; init; }

    /// <summary>Lists one folder.</summary>
    public required Func<string, CancellationToken, ValueTask<IReadOnlyList<ArtifactInfo>>> ListAsync { get; init; }

    /// <summary>Writes one file's content to a local file, which is there or not.</summary>
    public required Func<string, string, IProgress<long>?, CancellationToken, ValueTask> DownloadAsync { get; init; }

    public static ArtifactSource Of(ITrackingBackend backend, string runId) => new()
    {
        Name = $"The run {Excerpt.Of(runId)}",
        IsRemote = backend.IsRemote,
        ListAsync = (folder, token) => backend.ListArtifactsAsync(runId, folder, token),
        DownloadAsync = (path, file, progress, token) => backend.DownloadArtifactAsync(runId, path, file, progress, token),
    };

    /// <param name="repository">The repository.</param>
    /// <param name="location">Where it is, for messages.</param>
    public static ArtifactSource Of(IArtifactRepository repository, string location) => new()
    {
        Name = $"The location {Excerpt.Of(location)}",
        IsRemote = repository is not LocalArtifactRepository,
        ListAsync = async (folder, token) => await repository.ListAsync(folder, token).ConfigureAwait(false),
        DownloadAsync = async (path, file, progress, token) => await repository.DownloadAsync(path, file, progress, token).ConfigureAwait(false),
    };
}
