namespace ModelTrack.Client;

/// <param name="LocalFile">The file on this machine.</param>
/// <param name="Path">Its path among the artifacts, checked.</param>
internal readonly record struct ArtifactFile(string LocalFile, string Path);
