namespace ModelTrack.Client;

/// <summary>A file of a model in the cache.</summary>
/// <param name="Path">Its path in the model with <c>/</c>.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Sha256">The hash of its content, as hexadecimal digits.</param>
internal sealed record CachedFile(string Path, long Size, string Sha256);
