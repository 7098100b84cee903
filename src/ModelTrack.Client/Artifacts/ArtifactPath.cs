namespace ModelTrack.Client;

/// <summary>Checks and normal form of artifact paths (relative, with <c>/</c>).</summary>
internal static class ArtifactPath
{
    /// <summary>A file's path, or an <see cref="ArgumentException"/> with the rule it breaks.</summary>
    public static string Normalize(string path) => throw new NotImplementedException();

    /// <summary>A folder's path; null, empty and "." are the root, which is "".</summary>
    public static string NormalizeFolder(string? path) => throw new NotImplementedException();
}
