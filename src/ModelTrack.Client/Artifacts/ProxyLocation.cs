namespace ModelTrack.Client;

/// <summary>A place behind a server's artifact service, taken from an artifact URI as MLflow's client does it.</summary>
/// <param name="Service">The service's address, ending in <c>/mlflow-artifacts</c>, escaped.</param>
/// <param name="Root">The path there, not escaped; empty for the service's own root.</param>
internal sealed record ProxyLocation(string Service, string Root)
{
    public const string Scheme = "mlflow-artifacts";

    private const string ServicePath = "/api/2.0/mlflow-artifacts";
    private const string FilesPath = ServicePath + "/artifacts";
    private const string FilesMark = "/mlflow-artifacts/artifacts";

    /// <summary>Resolves an <c>mlflow-artifacts:</c> URI against the tracking server.</summary>
    /// <exception cref="ModelTrackException">The URI is malformed or leads out of the service.</exception>
    public static ProxyLocation Resolve(string artifactUri, Uri trackingServer)
    {
        var (authority, path) = Split(artifactUri);
        if (authority.Length > 0 && !authority.Contains(':') && double.TryParse(authority, out _))
        {
            throw Malformed(artifactUri, $"it has the port number {authority} but no host");
        }

        var host = authority.Length > 0 ? authority : trackingServer.GetComponents(UriComponents.HostAndPort, UriFormat.UriEscaped);
        var prefix = trackingServer.AbsolutePath;
        // MLflow leaves out the path of the tracking URI for the root alone.
        var full = path == "/" || path == FilesPath ? FilesPath : $"{prefix}/{FilesPath}/{path}";
        return FromPath($"{trackingServer.Scheme}://{host}", full, artifactUri);
    }

    /// <summary>Takes the place from an <c>http(s):</c> URI; null when that is no artifact service's.</summary>
    /// <exception cref="ModelTrackException">The URI is malformed or leads out of the service.</exception>
    public static ProxyLocation? Find(string artifactUri)
    {
        var (authority, path) = Split(artifactUri);
        return authority.Length > 0 && $"{path}/".Contains(FilesMark + "/", StringComparison.Ordinal)
            ? FromPath($"{artifactUri[..artifactUri.IndexOf(':')]}://{authority}", path, artifactUri)
            : null;
    }

    /// <summary>The address of a file or folder, or of what is done with it.</summary>
    /// <param name="kind"><c>artifacts</c>, <c>presigned</c>, <c>mpu/create</c>, ….</param>
    /// <param name="path">The path below the root, not escaped.</param>
    public Uri UriOf(string kind, string path) => new($"{Service}/{kind}/{ArtifactUrl.Escape(FullPath(path))}");

    /// <summary>The path from the service's root on, as the service will have it.</summary>
    public string FullPath(string path) => ArtifactUrl.Join(Root, ArtifactPath.Decode(path));

    private static ProxyLocation FromPath(string origin, string path, string artifactUri)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        path = "/" + string.Join('/', parts);
        var mark = $"{path}/".IndexOf(FilesMark + "/", StringComparison.Ordinal);
        var root = ArtifactPath.Decode(path[(mark + FilesMark.Length)..].TrimStart('/'));
        if (root.Length > 0 && ArtifactPath.FindReadingFault(root) is { } fault)
        {
            throw Malformed(artifactUri, fault);
        }

        var service = origin + path[..(mark + "/mlflow-artifacts".Length)];
        // What a URI is written as need not be one: a host of characters that are left out.
        return Uri.TryCreate(service, UriKind.Absolute, out var uri)
            && uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) is var escaped
            && Uri.TryCreate(escaped, UriKind.Absolute, out _)
            ? new ProxyLocation(escaped, root)
            : throw Malformed(artifactUri, "it is no valid address");
    }

    /// <summary>As Python's <c>urlparse</c>: what is between <c>//</c> and the next <c>/</c>, and the path, without query and fragment.</summary>
    private static (string Authority, string Path) Split(string artifactUri)
    {
        var rest = artifactUri[(artifactUri.IndexOf(':') + 1)..];
        var end = rest.IndexOfAny(['?', '#']);
        rest = end < 0 ? rest : rest[..end];
        if (!rest.StartsWith("//", StringComparison.Ordinal))
        {
            return ("", rest);
        }

        var slash = rest.IndexOf('/', 2);
        var authority = slash < 0 ? rest[2..] : rest[2..slash];
        // User info in a URI that a server gave is not ours to send.
        return (authority[(authority.LastIndexOf('@') + 1)..], slash < 0 ? "" : rest[slash..]);
    }

    private static ModelTrackException Malformed(string artifactUri, string fault)
        => new(ErrorCode.InvalidParameterValue, $"The artifact location {Excerpt.Of(artifactUri)} cannot be used: {fault}.");
}
