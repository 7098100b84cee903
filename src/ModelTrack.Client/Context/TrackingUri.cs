namespace ModelTrack.Client;

/// <summary>A tracking URI, taken apart. No text that it gives out has the URI's user info.</summary>
internal sealed class TrackingUri
{
    private const string DefaultFolder = "mlruns";

    private TrackingUri()
    {
    }

    public required TrackingUriKind Kind { get; init; }

    /// <summary>The absolute folder of <see cref="TrackingUriKind.Files"/>, else null.</summary>
    public string? Folder { get; private init; }

    public FolderAddressing Addressing { get; private init; }

    /// <summary>
    /// The server of <see cref="TrackingUriKind.Rest"/>, without user info and without a slash at its end; else null. Null too for
    /// Databricks, whose host is in its configuration.
    /// </summary>
    public Uri? Server { get; private init; }

    /// <summary>Whose server it is, for <see cref="TrackingUriKind.Rest"/>.</summary>
    public ServerKind ServerKind { get; private init; }

    /// <summary>What the server's URL has before its host. Never shown.</summary>
    public UserInfo? UserInfo { get; private init; }

    /// <summary>The section of Databricks' configuration that the URI names; null when it names none.</summary>
    public string? DatabricksProfile { get; private init; }

    /// <summary>What may be shown: the folder, the server's URL, or the words that stand for it.</summary>
    public string Destination => Kind switch
    {
        TrackingUriKind.Files => Folder!,
        TrackingUriKind.Rest when Server is not null => Server.AbsoluteUri.TrimEnd('/'),
        TrackingUriKind.Rest => DatabricksProfile is null ? "databricks" : $"databricks://{DatabricksProfile}",
        _ => "memory:",
    };

    /// <summary>Where records go when nobody says: the variables of MLflow, else <c>./mlruns</c>.</summary>
    public static TrackingUri FromEnvironment(TrackingEnvironment environment, string? currentDirectory = null)
    {
        if (environment.TrackingUri is { } uri)
        {
            return Parse(uri, currentDirectory);
        }

        var folder = environment.TrackingDirectory ?? DefaultFolder;
        return Files(
            folder.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? FileUriPath.Of(folder) : folder,
            FolderAddressing.Implicit,
            currentDirectory);
    }

    /// <summary>Takes a tracking URI apart. Relative folders start from the current directory.</summary>
    public static TrackingUri Parse(string trackingUri, string? currentDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(trackingUri);
        var uri = trackingUri.Trim();
        if (uri.Length == 0)
        {
            throw new ArgumentException("The tracking URI is empty. Give a folder or the URL of an MLflow server.", nameof(trackingUri));
        }

        switch (UriScheme.Of(uri))
        {
            // Words that MLflow reads as a service; a folder of such a name is ./databricks.
            case null when uri is "databricks":
                return new TrackingUri { Kind = TrackingUriKind.Rest, ServerKind = ServerKind.Databricks };
            case null when uri is "databricks-uc" or "uc":
            case "databricks-uc" or "uc":
                throw new NotSupportedException(
                    "Unity Catalog's model registry (databricks-uc) has an API of its own, which is not spoken here. Runs are recorded with "
                    + "the tracking URI databricks or databricks://<profile>.");
            case null:
                return Files(uri, FolderAddressing.PlainPath, currentDirectory);
            case "file":
                return Files(FileUriPath.Of(uri), FolderAddressing.FileUri, currentDirectory);
            case "http" or "https":
                return Rest(uri);
            case "databricks":
                return Databricks(uri);
            case "azureml":
                return new TrackingUri { Kind = TrackingUriKind.Rest, ServerKind = ServerKind.AzureMl, Server = AzureMlUri.ServerOf(uri) };
            case "memory":
                return new TrackingUri { Kind = TrackingUriKind.Memory };
            case var scheme when DatabaseUri.IsDatabase(scheme):
                throw new NotSupportedException(
                    $"ModelTrack.Client does not open databases. Run `mlflow server --backend-store-uri {DatabaseUri.Mask(uri)}` and use "
                    + "that server's URL, for example http://127.0.0.1:5000, as the tracking URI.");
            case var scheme:
                throw new ArgumentException(
                    $"A tracking URI cannot begin with {Excerpt.Of(scheme + ":")}. Give a folder, a file: URI, or the URL of an MLflow server "
                    + "with its http:// or https://.",
                    nameof(trackingUri));
        }
    }

    public override string ToString() => Destination;

    private static TrackingUri Files(string path, FolderAddressing addressing, string? currentDirectory)
    {
        if (path.Contains('\0'))
        {
            throw new ArgumentException("The tracking URI's folder has a NUL character in its name.", nameof(path));
        }

        var folder = Path.GetFullPath(path, Path.GetFullPath(currentDirectory ?? Environment.CurrentDirectory));
        // MLflow decodes plain paths as well, and so cannot open a folder whose real name looks encoded; the real name comes first here.
        if (path.Contains('%') && !Directory.Exists(folder))
        {
            folder = Path.GetFullPath(Uri.UnescapeDataString(path), Path.GetFullPath(currentDirectory ?? Environment.CurrentDirectory));
        }

        return new TrackingUri
        {
            Kind = TrackingUriKind.Files,
            Folder = Path.TrimEndingDirectorySeparator(folder),
            Addressing = addressing,
        };
    }

    private static TrackingUri Rest(string text)
    {
        // The message must not quote the text: it may hold a password that was not recognised as one.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new ArgumentException(
                "The tracking URI is no valid http(s) URL. Special characters in its user info must be percent-encoded.", nameof(text));
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new ArgumentException("The tracking URI of a server must have neither a query (?) nor a fragment (#).", nameof(text));
        }

        var server = new UriBuilder(uri) { UserName = "", Password = "", Path = uri.AbsolutePath.TrimEnd('/') };
        return new TrackingUri { Kind = TrackingUriKind.Rest, Server = server.Uri, UserInfo = UserInfo.Of(uri) };
    }

    // Not by the class Uri, which would put the profile's name into lower case.
    private static TrackingUri Databricks(string text)
    {
        const string Start = "databricks://";
        var profile = text.StartsWith(Start, StringComparison.OrdinalIgnoreCase) ? text[Start.Length..].TrimEnd('/') : "";
        if (profile.Contains(':'))
        {
            throw new NotSupportedException(
                "A tracking URI databricks://<scope>:<prefix> takes its secrets from inside a Databricks cluster. Outside of one use "
                + "databricks://<profile> with a profile in ~/.databrickscfg, or DATABRICKS_HOST and DATABRICKS_TOKEN with databricks.");
        }

        if (profile.Length == 0 || profile.AsSpan().IndexOfAny("/ @?#") >= 0)
        {
            throw new ArgumentException(
                "A Databricks tracking URI must be databricks, or databricks://<profile> with the name of a section of ~/.databrickscfg.",
                nameof(text));
        }

        return new TrackingUri { Kind = TrackingUriKind.Rest, ServerKind = ServerKind.Databricks, DatabricksProfile = profile };
    }
}
