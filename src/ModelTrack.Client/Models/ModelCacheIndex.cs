namespace ModelTrack.Client;

/// <summary>What is in an entry of the cache; written last, so that an entry without it is none.</summary>
/// <param name="Uri">The model.</param>
/// <param name="Files">All its files, sorted by path.</param>
internal sealed record ModelCacheIndex(string Uri, IReadOnlyList<CachedFile> Files);
