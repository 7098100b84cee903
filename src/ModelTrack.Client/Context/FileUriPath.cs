namespace ModelTrack.Client;

/// <summary>The path in a <c>file:</c> URI as MLflow reads it (<c>local_file_uri_to_path</c>), not yet percent-decoded.</summary>
internal static class FileUriPath
{
    public static string Of(string uri)
    {
        var path = uri["file:".Length..];
        if (!path.StartsWith("//", StringComparison.Ordinal))
        {
            return WithoutSlashBeforeDrive(NotEmpty(path));
        }

        var slash = path.IndexOf('/', 2);
        var host = slash < 0 ? path[2..] : path[2..slash];
        var rest = slash < 0 ? "" : path[slash..];
        if (host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return WithoutSlashBeforeDrive(NotEmpty(rest));
        }

        // file://./mlruns is what people write who mean file:./mlruns.
        return OperatingSystem.IsWindows() && host is not ("." or "..")
            ? $@"\\{host}{rest.Replace('/', '\\')}"
            : throw new ArgumentException(
                "The file: URI names a host between '//' and '/'. Write file:./folder or file:///absolute/folder.", nameof(uri));
    }

    private static string NotEmpty(string path)
        => path.Length > 0 ? path : throw new ArgumentException("The file: URI names no folder.", nameof(path));

    // file:///C:/runs
    private static string WithoutSlashBeforeDrive(string path)
        => path.Length > 2 && path[0] == '/' && char.IsAsciiLetter(path[1]) && path[2] == ':' && OperatingSystem.IsWindows() ? path[1..] : path;
}
