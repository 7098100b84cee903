using System.Collections.Concurrent;
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

    /// <summary>What lies in one folder of a source, with paths from there on.</summary>
    public ArtifactSource Below(string folder) => folder.Length == 0 ? this : new()
    {
        Name = Name,
        IsRemote = IsRemote,
        ListAsync = async (path, token) =>
        {
            var entries = await ListAsync(path.Length == 0 ? folder : $"{folder}/{path}", token).ConfigureAwait(false);
            return [.. entries.Where(entry => entry.Path != folder).Select(entry => entry.Path.StartsWith(folder + "/", StringComparison.Ordinal)
                ? entry with { Path = entry.Path[(folder.Length + 1)..] }
                : throw new ModelTrackException(
                    ErrorCode.InvalidParameterValue, $"{Name} lists {Excerpt.Of(entry.Path)} in the folder {Excerpt.Of(folder)}."))];
        },
        DownloadAsync = (path, file, progress, token) => DownloadAsync($"{folder}/{path}", file, progress, token),
    };

    /// <summary>This and what another has besides; where both have something at a path, this one's is taken.</summary>
    public ArtifactSource Over(ArtifactSource other)
    {
        var others = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        return new()
        {
            Name = Name,
            IsRemote = IsRemote || other.IsRemote,
            ListAsync = async (path, token) =>
            {
                var own = await ListAsync(path, token).ConfigureAwait(false);
                var names = own.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
                var more = (await other.ListAsync(path, token).ConfigureAwait(false)).Where(entry => !names.Contains(entry.Path)).ToList();
                foreach (var entry in more)
                {
                    others[entry.Path] = true;
                }

                return [.. own, .. more];
            },
            DownloadAsync = (path, file, progress, token)
                => (others.ContainsKey(path) ? other : this).DownloadAsync(path, file, progress, token),
        };
    }
}
