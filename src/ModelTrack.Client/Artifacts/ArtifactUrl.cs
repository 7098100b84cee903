namespace ModelTrack.Client;

/// <summary>Artifact paths in URLs.</summary>
internal static class ArtifactUrl
{
    /// <summary>Escapes each part of a path; the slashes stay.</summary>
    public static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary>One path below another; either may be empty.</summary>
    public static string Join(string root, string path) => root.Length == 0 ? path : path.Length == 0 ? root : $"{root}/{path}";
}
