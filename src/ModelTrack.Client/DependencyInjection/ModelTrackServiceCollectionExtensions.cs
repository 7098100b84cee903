using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelTrack.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts a <see cref="Tracker"/> into a container.</summary>
public static class ModelTrackServiceCollectionExtensions
{
    private const string HttpClientName = "ModelTrack.Client";

    /// <summary>
    /// Adds one <see cref="Tracker"/> for the program, which is opened when it is first asked for and closed with the container. Its options
    /// are those of <paramref name="configure"/> and of <c>services.Configure&lt;TrackerOptions&gt;(…)</c>; where they say nothing, logger
    /// factory and clock are the container's. It sends by <see cref="IHttpClientFactory"/>, whose own logging is turned off: addresses may
    /// hold secrets (presigned URLs). Under a host it knows when that stops: a run whose <c>using</c> block a cancellation passes then is KILLED.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>A builder for the HTTP client named <c>ModelTrack.Client</c>, for handlers of the program's own.</returns>
    /// <exception cref="OptionsValidationException">When the tracker is first asked for: an option breaks its rule.</exception>
    public static IHttpClientBuilder AddModelTrack(this IServiceCollection services, Action<TrackerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => Open(provider, Options.Options.DefaultName, HttpClientName));
        return Add(services, Options.Options.DefaultName, HttpClientName, configure);
    }

    /// <summary>
    /// Adds a <see cref="Tracker"/> under a key, beside others: <c>[FromKeyedServices("lab")] Tracker tracker</c>. As
    /// <see cref="AddModelTrack"/> otherwise; its options are named by the key.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; null is the tracker without one. Keys are told apart by their text.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>A builder for the HTTP client named <c>ModelTrack.Client:</c> and the key.</returns>
    /// <exception cref="OptionsValidationException">When the tracker is first asked for: an option breaks its rule.</exception>
    public static IHttpClientBuilder AddKeyedModelTrack(
        this IServiceCollection services, object? serviceKey, Action<TrackerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (serviceKey is null)
        {
            return services.AddModelTrack(configure);
        }

        var name = serviceKey.ToString() ?? serviceKey.GetType().Name;
        services.TryAddKeyedSingleton(serviceKey, (provider, _) => Open(provider, name, $"{HttpClientName}:{name}"));
        return Add(services, name, $"{HttpClientName}:{name}", configure);
    }

    private static IHttpClientBuilder Add(
        IServiceCollection services, string optionsName, string clientName, Action<TrackerOptions>? configure)
    {
        services.AddOptions();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TrackerOptions>, TrackerOptionsValidator>());
        if (configure is not null)
        {
            services.Configure(optionsName, configure);
        }

        return services.AddHttpClient(clientName)
            .ConfigurePrimaryHttpMessageHandler(provider => OriginHandler.Create(OptionsOf(provider, optionsName), EnvironmentOf(provider)))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan) // Its connections have a lifetime of their own.
            .RemoveAllLoggers()
            .RedactLoggedHeaders(static _ => true);
    }

    private static Tracker Open(IServiceProvider provider, string optionsName, string clientName)
    {
        var options = OptionsOf(provider, optionsName).Checked();
        var factory = provider.GetRequiredService<IHttpClientFactory>();
        options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
        options.TimeProvider = options.TimeProvider == TimeProvider.System
            ? provider.GetService<TimeProvider>() ?? TimeProvider.System
            : options.TimeProvider;
        options.HostStopping = HostStop.TokenOf(provider);
        options.HttpClients = () =>
        {
            var client = factory.CreateClient(clientName);
            client.Timeout = Timeout.InfiniteTimeSpan; // Each try of a request has its own time.
            return client;
        };
        return new Tracker(options, EnvironmentOf(provider));
    }

    private static TrackerOptions OptionsOf(IServiceProvider provider, string name)
        => provider.GetRequiredService<IOptionsMonitor<TrackerOptions>>().Get(name);

    private static TrackingEnvironment EnvironmentOf(IServiceProvider provider)
        => provider.GetService<TrackingEnvironment>() ?? TrackingEnvironment.Process;
}
