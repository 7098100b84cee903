using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using static ModelTrack.Client.MLNet.Tests.Serving.ModelShelf;

namespace ModelTrack.Client.MLNet.Tests.Serving;

internal sealed class AddModelTrackModelTests
{
    private static readonly CancellationToken Patience = new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    [Test]
    public async Task A_host_loads_the_model_of_the_registered_tracker_and_ends_the_polling()
    {
        using var shelf = new ModelShelf();
        await shelf.PointAsync(await shelf.AddAsync(2));
        var loaded = new TaskCompletionSource<ServedModel>();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(shelf.Tracker);
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        builder.Services.AddModelTrackModel<Row, Scaled>(ChampionUri, options => options.Loaded = model => loaded.TrySetResult(model));
        using var host = builder.Build();
        await host.StartAsync(Patience);
        Assert.That((await loaded.Task.WaitAsync(Patience)).Version, Is.EqualTo(1)); // nobody has asked for it
        var served = host.Services.GetRequiredService<ModelTrackModel<Row, Scaled>>();
        Assert.That(served.Polling.IsCompleted, Is.False);
        await host.StopAsync(Patience);
        Assert.That(served.Polling.IsCompleted, Is.True);
        Assert.That(served.Predict(new Row { X = 3 }).Value.Y, Is.EqualTo(6), "requests that the host still waits for are answered");
    }

    [Test]
    public async Task Models_of_the_same_types_stand_under_keys()
    {
        using var shelf = new ModelShelf();
        await shelf.AddAsync(2);
        await shelf.AddAsync(3);
        var services = new ServiceCollection();
        services.AddKeyedSingleton("lab", shelf.Tracker);
        services.AddKeyedModelTrackModel<Row, Scaled>("old", "models:/scale/1", options => options.TrackerServiceKey = "lab");
        services.AddKeyedModelTrackModel<Row, Scaled>("new", "models:/scale/2", options => options.Tracker = shelf.Tracker);
        services.AddModelTrackModel("models:/scale/latest", options => options.Tracker = shelf.Tracker);
        await using var provider = services.BuildServiceProvider();
        var old = provider.GetRequiredKeyedService<ModelTrackModel<Row, Scaled>>("old");
        var recent = provider.GetRequiredKeyedService<ModelTrackModel<Row, Scaled>>("new");
        var views = provider.GetRequiredService<ModelTrackModel>();
        await Task.WhenAll(old.WaitUntilLoadedAsync(Patience), recent.WaitUntilLoadedAsync(Patience), views.WaitUntilLoadedAsync(Patience));
        Assert.Multiple(() =>
        {
            Assert.That(old.Predict(new Row { X = 1 }).Value.Y, Is.EqualTo(2));
            Assert.That(recent.Predict(new Row { X = 1 }).Value.Y, Is.EqualTo(3));
            Assert.That(views.Current!.Version, Is.EqualTo(2));
            Assert.That(provider.GetServices<IHostedService>().Count(), Is.EqualTo(3));
            Assert.That(provider.GetService<Tracker>(), Is.Null, "none was needed");
        });
    }

    [Test]
    public void Without_a_tracker_one_is_added_and_wrong_options_throw_at_once()
    {
        var services = new ServiceCollection();
        services.AddModelTrackModel<Row, Scaled>(ChampionUri);
        Assert.That(services.Any(service => service.ServiceType == typeof(Tracker)), Is.True);
        Assert.That(
            () => services.AddModelTrackModel<Row, Scaled>(ChampionUri, options => options.PollingInterval = TimeSpan.Zero),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => services.AddModelTrackModel<Row, Scaled>(""), Throws.ArgumentException);
    }
}
