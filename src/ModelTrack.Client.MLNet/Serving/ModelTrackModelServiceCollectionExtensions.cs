using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelTrack.Client;
using ModelTrack.Client.MLNet;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts models of ML.NET that follow their alias into a container.</summary>
public static class ModelTrackModelServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="ModelTrackModel{TIn, TOut}"/>: one for the program, which is loaded when the host starts (without a host: when it is
    /// first asked for) and looks for another version until the host stops. It uses the <see cref="Tracker"/> of
    /// <see cref="ModelTrackModelOptions"/>, else the registered one; where there is none,
    /// <see cref="ModelTrackServiceCollectionExtensions.AddModelTrack"/> adds it.
    /// </summary>
    /// <typeparam name="TIn">What goes in: its public fields and properties are ML.NET's columns.</typeparam>
    /// <typeparam name="TOut">What comes out, likewise.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="uri">The model's URI: <c>models:/name@alias</c>, or any other that <see cref="Tracker.Models"/> takes.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The URI is empty, or an option breaks its rule.</exception>
    public static IServiceCollection AddModelTrackModel<TIn, TOut>(
        this IServiceCollection services, string uri, Action<ModelTrackModelOptions>? configure = null)
        where TIn : class
        where TOut : class, new()
        => Add(services, null, uri, configure, static (tracker, uri, options) => new ModelTrackModel<TIn, TOut>(tracker, uri, options));

    /// <summary>As the other, for predictions with data views: a <see cref="ModelTrackModel"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="uri">The model's URI.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The URI is empty, or an option breaks its rule.</exception>
    public static IServiceCollection AddModelTrackModel(
        this IServiceCollection services, string uri, Action<ModelTrackModelOptions>? configure = null)
        => Add(services, null, uri, configure, static (tracker, uri, options) => new ModelTrackModel(tracker, uri, options));

    /// <summary>
    /// As <see cref="AddModelTrackModel{TIn, TOut}"/>, under a key, for several models of the same types:
    /// <c>[FromKeyedServices("challenger")] ModelTrackModel&lt;Tumour, Diagnosis&gt; model</c>.
    /// </summary>
    /// <typeparam name="TIn">What goes in: its public fields and properties are ML.NET's columns.</typeparam>
    /// <typeparam name="TOut">What comes out, likewise.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; null is the model without one.</param>
    /// <param name="uri">The model's URI.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The URI is empty, or an option breaks its rule.</exception>
    public static IServiceCollection AddKeyedModelTrackModel<TIn, TOut>(
        this IServiceCollection services, object? serviceKey, string uri, Action<ModelTrackModelOptions>? configure = null)
        where TIn : class
        where TOut : class, new()
        => Add(services, serviceKey, uri, configure, static (tracker, uri, options) => new ModelTrackModel<TIn, TOut>(tracker, uri, options));

    private static IServiceCollection Add<TModel>(
        IServiceCollection services,
        object? serviceKey,
        string uri,
        Action<ModelTrackModelOptions>? configure,
        Func<Tracker, string, ModelTrackModelOptions, TModel> make)
        where TModel : ModelTrackModel
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(uri);
        var options = new ModelTrackModelOptions();
        configure?.Invoke(options);
        options.Check();
        if (options.Tracker is null && options.TrackerServiceKey is null
            && !services.Any(service => service.ServiceType == typeof(Tracker) && !service.IsKeyedService))
        {
            services.AddModelTrack();
        }

        if (serviceKey is null)
        {
            services.AddSingleton(provider => Make(provider));
            services.AddSingleton<IHostedService>(provider => new ModelTrackModelHost(provider.GetRequiredService<TModel>()));
        }
        else
        {
            services.AddKeyedSingleton(serviceKey, (provider, _) => Make(provider));
            services.AddSingleton<IHostedService>(
                provider => new ModelTrackModelHost(provider.GetRequiredKeyedService<TModel>(serviceKey)));
        }

        return services;

        TModel Make(IServiceProvider provider)
        {
            options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
            options.TimeProvider ??= provider.GetService<TimeProvider>();
            return make(
                options.Tracker
                    ?? (options.TrackerServiceKey is { } key ? provider.GetRequiredKeyedService<Tracker>(key) : provider.GetRequiredService<Tracker>()),
                uri,
                options);
        }
    }
}
