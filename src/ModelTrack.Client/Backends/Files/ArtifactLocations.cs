namespace ModelTrack.Client.Backends.Files;

/// <summary>The texts that say where artifacts are: made here, and turned back into local folders.</summary>
internal static class ArtifactLocations
{
    /// <summary>The location of a new experiment's artifacts, in the form in which the store was addressed.</summary>
    public static string ForExperiment(FolderAddressing form, string root, string experimentId)
    {
        var path = Path.Combine(root, experimentId);
        if (form == FolderAddressing.PlainPath && !OperatingSystem.IsWindows())
        {
            return path;
        }

        var slashed = path.Replace('\\', '/');
        if (form == FolderAddressing.Implicit)
        {
            var isDrive = slashed.Length > 1 && slashed[1] == ':';
            var encoded = string.Join('/', slashed.Split('/').Select(Uri.EscapeDataString));
            slashed = isDrive ? slashed[..2] + encoded[4..] : encoded;
        }

        return slashed.StartsWith("//", StringComparison.Ordinal) ? "file:" + slashed
            : slashed.StartsWith('/') ? "file://" + slashed
            : "file:///" + slashed;
    }

    /// <summary>A location given by the user: a relative path is made absolute, everything else stays as it is.</summary>
    public static string Normalize(string location) => UriScheme.Of(location) is null ? Path.GetFullPath(location) : location;

    /// <summary>Goes deeper: before the query, if there is one.</summary>
    public static string Append(string location, string relativePath)
    {
        var query = UriScheme.Of(location) is null or "file" ? -1 : location.IndexOf('?', StringComparison.Ordinal);
        var (path, rest) = query < 0 ? (location, "") : (location[..query], location[query..]);
        return path.TrimEnd('/') + "/" + relativePath + rest;
    }

    /// <summary>
    /// The local folders that a location may mean, the likeliest first: taken literally, then percent-decoded. MLflow decodes plain paths
    /// too, so both readings occur in stores.
    /// </summary>
    /// <exception cref="NotSupportedException">It is not local.</exception>
    public static IReadOnlyList<string> ToLocalPaths(string location)
    {
        var path = location;
        switch (UriScheme.Of(location))
        {
            case null:
                break;
            case "file":
                path = location["file:".Length..];
                if (path.StartsWith("//", StringComparison.Ordinal))
                {
                    var slash = path.IndexOf('/', 2);
                    var host = slash < 0 ? path[2..] : path[2..slash];
                    path = slash < 0 ? "/" : path[slash..];
                    path = host is "" or "localhost" ? path : "//" + host + path;
                }

                // file:///C:/data
                if (OperatingSystem.IsWindows() && path.Length > 2 && path[0] == '/' && path[2] == ':')
                {
                    path = path[1..];
                }

                break;
            case var scheme:
                throw new NotSupportedException(
                    $"The artifacts are at '{scheme}:', which a folder tracker does not speak; open the run through its MLflow server.");
        }

        if (path.Length == 0)
        {
            return [];
        }

        var decoded = Uri.UnescapeDataString(path);
        return decoded == path ? [Path.GetFullPath(path)] : [Path.GetFullPath(path), Path.GetFullPath(decoded)];
    }
}
