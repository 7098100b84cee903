using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Backends.Memory;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client;

/// <summary>Opens the registry of a tracker: its own URI's (option, then <c>MLFLOW_REGISTRY_URI</c>), else the tracking URI's.</summary>
internal static class RegistryOpening
{
    /// <param name="tracking">The tracker's own URI.</param>
    /// <param name="backend">The tracker's store.</param>
    /// <param name="options">The tracker's options.</param>
    /// <param name="environment">The variables.</param>
    public static RegistryClient Open(
        TrackingUri tracking,
        ITrackingBackend backend,
        TrackerOptions options,
        TrackingEnvironment environment)
    {
        var uri = UriOf(tracking, options, environment);
        var logger = options.CreateLogger();
        var owned = new List<IDisposable>();

        // The tracker's own connection serves for its registry too, if that is the same server.
        var trackingSender = (backend as RestBackend)?.Sender;

        var loggedModels = LoggedModelsOf(tracking, backend, options);
        IModelRegistry registry = uri.Kind switch
        {
            TrackingUriKind.Rest => new RestModelRegistry(uri.Destination == tracking.Destination ? trackingSender! : NewSender(uri)),
            TrackingUriKind.Files => new FileModelRegistry(uri.Folder!, loggedModels, options.TimeProvider, logger),
            _ => new MemoryModelRegistry(options.TimeProvider),
        };
        return new RegistryClient(
            registry, new ModelSourceResolver(backend, loggedModels, registry, logger), options.TimeProvider, [registry, .. owned]);

        RestSender NewSender(TrackingUri server)
        {
            var sender = new RestSender(ServerConnection.Open(server, options, environment));
            owned.Add(sender);
            return sender;
        }
    }

    /// <summary>The registry's own URI, else the tracking URI.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static TrackingUri UriOf(TrackingUri tracking, TrackerOptions options, TrackingEnvironment environment)
    {
        var own = options.RegistryUri ?? environment.RegistryUri;
        return string.IsNullOrWhiteSpace(own) ? tracking : TrackingUri.Parse(own);
    }

    /// <summary>The logged models of a tracker's store.</summary>
    public static ILoggedModels LoggedModelsOf(TrackingUri tracking, ITrackingBackend backend, TrackerOptions options) => tracking.Kind switch
    {
        TrackingUriKind.Rest => new RestLoggedModels(new LoggedModelsApi(((RestBackend)backend).Sender)),
        TrackingUriKind.Files => new FileLoggedModels(new FileLayout(tracking.Folder!), options.TimeProvider, options.CreateLogger()),
        _ => new NoLoggedModels(),
    };

    /// <summary>One in memory, for a tracker that records nothing.</summary>
    public static RegistryClient InMemory(ITrackingBackend backend, TrackerOptions options)
    {
        var registry = new MemoryModelRegistry(options.TimeProvider);
        var resolver = new ModelSourceResolver(backend, new NoLoggedModels(), registry, options.CreateLogger());
        return new RegistryClient(registry, resolver, options.TimeProvider, [registry]);
    }
}
