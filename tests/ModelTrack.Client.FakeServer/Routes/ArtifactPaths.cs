using System.Text.RegularExpressions;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Artifact URIs, and the paths below the proxy's root that they stand for.</summary>
internal static partial class ArtifactPaths
{
    private const string ProxyRoute = "/api/2.0/mlflow-artifacts/artifacts/";

    /// <summary>Adds to the path of a URI, before its query if it has one.</summary>
    public static string Append(string uri, string path)
    {
        var query = uri.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? $"{uri.TrimEnd('/')}/{path}" : $"{uri[..query].TrimEnd('/')}/{path}{uri[query..]}";
    }

    /// <summary>Whether the proxy serves what is at a URI.</summary>
    public static bool IsProxied(Call call, string uri)
        => call.Options.ServeArtifacts && Scheme(uri) is "http" or "https" or "mlflow-artifacts";

    public static string Scheme(string uri)
        => uri.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && char.IsAsciiLetter(uri[0]) ? uri[..colon] : "";

    /// <summary>The path below the proxy's root of a URI that it serves.</summary>
    public static string ToProxyPath(string uri)
    {
        var path = uri[(uri.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('?')[0];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = path.IndexOf('/', 2);
            path = slash < 0 ? "" : path[slash..];
        }

        return Scheme(uri) == "mlflow-artifacts" ? path.TrimStart('/')
            : path.IndexOf(ProxyRoute, StringComparison.Ordinal) is >= 0 and var at ? path[(at + ProxyRoute.Length)..].TrimStart('/')
            : throw new ServerCrashException("The artifact root is no address of an artifact proxy.");
    }

    /// <summary>A path that a client named, decoded until nothing changes; refused when it could leave the root.</summary>
    public static string Check(string path)
    {
        for (var i = 0; i < 10; i++)
        {
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
            {
                break;
            }

            path = decoded;
        }

        if (path.Contains('#') || path.StartsWith('/') || path.StartsWith('\\') || path.Split('/').Contains("..") || DrivePath().IsMatch(path))
        {
            throw FakeException.Invalid("Invalid path");
        }

        return path;
    }

    public static string Join(string root, string? path)
        => (string.IsNullOrEmpty(path) ? root : root.Length == 0 ? path : $"{root}/{path}").Trim('/');

    [GeneratedRegex(@"^[a-zA-Z]:[/\\]")]
    private static partial Regex DrivePath();
}
