using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <summary>Opens the models of a tracker, and finds the folder of the cache.</summary>
internal static class ModelOpening
{
    /// <param name="tracking">The tracker's own URI; null for one that records nothing.</param>
    /// <param name="backend">The tracker's store.</param>
    /// <param name="options">The tracker's options.</param>
    /// <param name="environment">The variables.</param>
    /// <param name="registry">Opens the tracker's registry.</param>
    public static ModelClient Open(
        TrackingUri? tracking, ITrackingBackend backend, TrackerOptions options, TrackingEnvironment environment, Func<RegistryClient> registry)
    {
        var loggedModels = tracking is null ? new NoLoggedModels() : RegistryOpening.LoggedModelsOf(tracking, backend, options);
        var locator = new ModelLocator(backend, loggedModels, registry, FinderOf(backend, options));

        // What is in memory is known to nobody else, has the same name in every tracker, and goes with it.
        var isMemory = tracking is null or { Kind: TrackingUriKind.Memory };
        var store = new Lazy<string>(() => isMemory
            ? $"memory:{Guid.NewGuid():N}"
            : $"{tracking!.Destination}\n{RegistryOpening.UriOf(tracking, options, environment).Destination}");
        var chosen = options.ModelCacheDirectory ?? environment.Get("MODELTRACK_MODEL_CACHE_DIR");
        var cache = new Lazy<ModelCache>(() =>
        {
            var shared = isMemory && options.ModelCacheDirectory is null ? null : FindFolder(chosen);

            // Others may write into the temporary folder: one of the user's own then, which nobody else can have made before.
            var root = shared ?? Directory.CreateTempSubdirectory("modeltrack-model-cache-").FullName;
            return new ModelCache(root, isTemporary: shared is null, options.ModelCacheByteCap, options.TimeProvider, options.CreateLogger());
        });
        return new ModelClient(locator, cache, store, options.ModelCacheOnly, options.MaxParallelTransfers);
    }

    private static Func<string, IArtifactRepository?> FinderOf(ITrackingBackend backend, TrackerOptions options)
        => backend is RestBackend server
            ? location => server.Repositories.Find(location)
            : location =>
            {
                var scheme = UriScheme.Of(location) ?? "file";
                if (options.ArtifactRepositories.TryGetValue(scheme, out var create))
                {
                    return create(new Uri(location, UriKind.Absolute));
                }

                return scheme == "file" && ArtifactLocations.ToLocalPaths(location).FirstOrDefault(Directory.Exists) is { } folder
                    ? new LocalArtifactRepository(folder)
                    : null;
            };

    /// <summary>Null when no folder that lasts can be written.</summary>
    /// <exception cref="IOException">The chosen folder cannot be made.</exception>
    private static string? FindFolder(string? chosen)
    {
        // Empty where the account has no home.
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (chosen is null && local.Length == 0)
        {
            return null;
        }

        var folder = chosen is null ? Path.Combine(local, "modeltrack", "model-cache") : Path.GetFullPath(chosen);
        try
        {
            OwnerOnly.CreateFolder(folder);
            return folder;
        }
        catch (Exception e) when (chosen is null && e is (IOException or UnauthorizedAccessException))
        {
            return null;
        }
    }
}
