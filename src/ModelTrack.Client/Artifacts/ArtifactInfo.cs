namespace ModelTrack.Client;

/// <summary>One entry of a listing of artifacts.</summary>
/// <param name="Path">Its path from the run's artifact root, with <c>/</c>.</param>
/// <param name="IsDirectory">Whether it is a folder.</param>
/// <param name="Size">Its size in bytes; null for a folder.</param>
public sealed record ArtifactInfo(string Path, bool IsDirectory, long? Size);
