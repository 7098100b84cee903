using System.Collections.Concurrent;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>Finds what speaks to an artifact location, by its scheme; what the user named comes before what is built in.</summary>
internal sealed class ArtifactRepositories
{
    private readonly RestSender _sender;
    private readonly ArtifactSettings _settings;
    private readonly Dictionary<string, Func<Uri, IArtifactRepository>> _users;
    private readonly ConcurrentDictionary<string, ProxyFeatures> _features = new(StringComparer.Ordinal);

    public ArtifactRepositories(RestSender sender, TrackerOptions options, TrackingEnvironment environment)
        : this(sender, options, ArtifactSettings.From(environment, options))
    {
    }

    public ArtifactRepositories(RestSender sender, TrackerOptions options, ArtifactSettings settings)
    {
        _sender = sender;
        _settings = settings;
        _users = new Dictionary<string, Func<Uri, IArtifactRepository>>(options.ArtifactRepositories, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The repository at a location; null when nothing here speaks its scheme, or its folder is another machine's.</summary>
    /// <param name="location">An artifact URI or a path, as the server gave it.</param>
    /// <param name="ownFolders">How many folders at the end of a local location are made when they are missing.</param>
    /// <exception cref="ModelTrackException">The location is malformed.</exception>
    public IArtifactRepository? Find(string location, int ownFolders = 0)
    {
        if (string.IsNullOrWhiteSpace(location))
        {
            return null;
        }

        var scheme = UriScheme.Of(location);
        if (_users.TryGetValue(scheme ?? "file", out var create))
        {
            return create(Parse(location)) ?? throw new InvalidOperationException(
                $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.ArtifactRepositories)}[\"{scheme}\"] gave null.");
        }

        switch (scheme)
        {
            case ProxyLocation.Scheme:
                return Proxy(ProxyLocation.Resolve(location, _sender.Connection.BaseUri));
            case "http" or "https":
                return ProxyLocation.Find(location) is { } service ? Proxy(service) : new HttpArtifactRepository(_sender, Parse(location));
            case null or "file":
                return FindFolder(location, ownFolders) is { } folder ? new LocalArtifactRepository(folder) : null;
            default:
                return null;
        }
    }

    /// <summary>Why nothing can be written at a location for which there is no repository.</summary>
    public static ModelTrackException CannotWrite(string location) => new(ErrorCode.NotImplemented, UriScheme.Of(location) switch
    {
        null or "file" when string.IsNullOrWhiteSpace(location) => "The server names no location for the artifacts of this run.",
        null or "file" =>
            $"The artifacts belong into the folder {Excerpt.Of(location)}, which is not on this machine: it is one of the server's. Start the "
            + "server with --serve-artifacts, so that files go through it, and use a new experiment; or, if it is this machine, make the folder.",
        var scheme =>
            $"The artifacts belong to {Excerpt.Of(location)}, and ModelTrack.Client has nothing that writes to '{scheme}:'. Name what does in "
            + $"{nameof(TrackerOptions)}.{nameof(TrackerOptions.ArtifactRepositories)}[\"{scheme}\"]; or start the server with --serve-artifacts "
            + "and --artifacts-destination, so that files go through it, and use a new experiment. Reading works, through the server.",
    });

    private static Uri Parse(string location)
        => Uri.TryCreate(location, UriKind.Absolute, out var uri)
            ? uri
            : throw new ModelTrackException(ErrorCode.InvalidParameterValue, $"The artifact location {Excerpt.Of(location)} is no valid URI.");

    /// <summary>
    /// The local folder, if it or what it is made in is here. On another machine than the server's the same path would be made without a
    /// word, and nobody would find the files.
    /// </summary>
    private static string? FindFolder(string location, int ownFolders)
    {
        foreach (var path in ArtifactLocations.ToLocalPaths(location))
        {
            string? folder = path;
            for (var level = 0; level <= ownFolders && folder is not null; level++)
            {
                if (Directory.Exists(folder))
                {
                    return Path.GetPathRoot(folder) == folder ? null : path;
                }

                folder = Path.GetDirectoryName(folder);
            }
        }

        return null;
    }

    private ProxyArtifactRepository Proxy(ProxyLocation location)
        => new(_sender, location, _settings, _features.GetOrAdd(location.Service, _ => new ProxyFeatures()));
}
