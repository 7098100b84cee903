using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Tests.Connection;

namespace ModelTrack.Client.Tests.DependencyInjection;

internal sealed class ModelTrackServiceCollectionExtensionsTests
{
    private static readonly DateTimeOffset Then = new(2021, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [Test]
    public async Task One_tracker_records_for_the_program()
    {
        using var folder = new ScratchFolder();
        var services = new ServiceCollection();
        services.AddModelTrack(options => options.TrackingUri = folder["mlruns"]);
        await using var provider = services.BuildServiceProvider();

        var tracker = provider.GetRequiredService<Tracker>();
        using (var run = tracker.StartRun("first"))
        {
            run.LogParam("a", 1);
        }

        await tracker.FlushAsync();
        Assert.That(provider.GetRequiredService<Tracker>(), Is.SameAs(tracker));
        Assert.That(tracker.TrackingUri, Is.EqualTo(folder["mlruns"]));
        Assert.That((await tracker.Runs.SearchAsync("Default").SingleAsync()).Params["a"], Is.EqualTo("1"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_container_closes_it(bool isAsynchronous)
    {
        using var folder = new ScratchFolder();
        var services = new ServiceCollection();
        services.AddModelTrack(options => options.TrackingUri = folder["mlruns"]);
        var provider = services.BuildServiceProvider();
        var run = provider.GetRequiredService<Tracker>().StartRun("left open");

        if (isAsynchronous)
        {
            await provider.DisposeAsync();
        }
        else
        {
            provider.Dispose();
        }

        Assert.That(() => run.LogParam("late", 1), Throws.InstanceOf<InvalidOperationException>());
        using var later = new Tracker(folder["mlruns"]);
        Assert.That((await later.Runs.GetAsync(run.Id)).Status, Is.EqualTo(RunStatus.Finished));
    }

    [Test]
    public void Trackers_under_keys_have_options_of_their_own()
    {
        using var folder = new ScratchFolder();
        var services = new ServiceCollection();
        services.AddModelTrack(options => options.TrackingUri = folder["main"]);
        services.AddKeyedModelTrack("lab");
        services.AddKeyedModelTrack(DayOfWeek.Monday, options => options.TrackingUri = folder["monday"]);
        services.Configure<TrackerOptions>("lab", options => options.TrackingUri = folder["lab"]);
        using var provider = services.BuildServiceProvider();

        Assert.That(provider.GetRequiredService<Tracker>().TrackingUri, Is.EqualTo(folder["main"]));
        Assert.That(provider.GetRequiredKeyedService<Tracker>("lab").TrackingUri, Is.EqualTo(folder["lab"]));
        Assert.That(provider.GetRequiredKeyedService<Tracker>(DayOfWeek.Monday).TrackingUri, Is.EqualTo(folder["monday"]));
    }

    [Test]
    public void No_key_is_the_tracker_without_one()
    {
        var services = new ServiceCollection();
        services.AddKeyedModelTrack(null, options => options.TrackingUri = "memory:");
        using var provider = services.BuildServiceProvider();

        Assert.That(provider.GetRequiredService<Tracker>().TrackingUri, Is.EqualTo("memory:"));
    }

    [Test]
    public void Added_twice_it_is_one_with_the_options_of_both()
    {
        using var folder = new ScratchFolder();
        var services = new ServiceCollection();
        services.AddModelTrack(options => options.TrackingUri = folder["a"]);
        services.AddModelTrack(options => options.TrackingUri = folder["b"]);
        using var provider = services.BuildServiceProvider();

        Assert.That(provider.GetServices<Tracker>().Single().TrackingUri, Is.EqualTo(folder["b"]));
    }

    [Test]
    public async Task Clock_and_log_are_the_containers()
    {
        var log = new ListLogger();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(Then));
        services.AddSingleton<ILoggerFactory>(new ListLoggerFactory(log));
        services.AddSingleton(new TrackingEnvironment(_ => null));
        services.AddModelTrack(options => options.TrackingUri = "memory:");
        services.AddKeyedModelTrack("server", options =>
        {
            options.TrackingUri = "http://user:s3cret@mlflow.invalid";
            options.JournalDirectory = Path.GetTempPath();
            options.ShutdownTimeout = TimeSpan.Zero;
        });
        await using var provider = services.BuildServiceProvider();

        using (var run = provider.GetRequiredService<Tracker>().StartRun())
        {
            await run.EndAsync();
            Assert.That((await provider.GetRequiredService<Tracker>().Runs.GetAsync(run.Id)).StartTime, Is.EqualTo(Then));
        }

        _ = provider.GetRequiredKeyedService<Tracker>("server");
        Assert.That(log.Warnings, Has.One.Contains("plain http"));
    }

    [Test]
    public void A_wrong_option_is_told_when_the_tracker_is_asked_for()
    {
        var services = new ServiceCollection();
        services.AddModelTrack(options => options.MaxRetries = 99);
        using var provider = services.BuildServiceProvider();

        Assert.That(
            () => provider.GetRequiredService<Tracker>(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("TrackerOptions.MaxRetries must be").And.Message.Contains("99"));
    }

    [Test]
    public async Task Requests_go_by_the_named_client_with_credentials_and_nothing_of_them_in_the_log()
    {
        using var folder = new ScratchFolder();
        using var network = new RecordingHandler(_ => new HttpResponseMessage(HttpStatusCode.NotFound)
        {
            Content = new StringContent("""{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}"""),
        });
        var seen = new List<string>();
        var everything = new TraceLog();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(everything));
        services.AddSingleton(new TrackingEnvironment(_ => null));
        services
            .AddModelTrack(options =>
            {
                options.TrackingUri = "https://mlflow.invalid";
                options.Token = "s3cret";
                options.JournalDirectory = folder.Path;
            })
            .AddHttpMessageHandler(() => new NotingHandler(seen))
            .ConfigurePrimaryHttpMessageHandler(() => network)
            .AddDefaultLogger();
        await using var provider = services.BuildServiceProvider();
        var tracker = provider.GetRequiredService<Tracker>();

        Assert.That(await tracker.Experiments.FindAsync("x"), Is.Null);
        Assert.That(network.Requests.Select(request => request.Authorization), Is.All.EqualTo("Bearer s3cret").And.Not.Empty);
        Assert.That(seen, Has.Count.EqualTo(network.Requests.Count));
        Assert.That(everything.Lines, Has.Some.Contains("Authorization").And.None.Contains("s3cret"));
    }

    [Test]
    public async Task By_default_the_clients_own_log_is_silent()
    {
        using var network = new RecordingHandler();
        var everything = new TraceLog();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(everything));
        services.AddModelTrack().ConfigurePrimaryHttpMessageHandler(() => network);
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("ModelTrack.Client");

        using var response = await client.GetAsync("https://bucket.s3.example/x?X-Amz-Signature=s3cret");

        Assert.That(network.Requests, Has.Count.EqualTo(1));
        Assert.That(everything.Lines, Has.None.Contains("s3.example"));
    }

    [Test]
    public void The_handler_below_follows_no_redirects_and_knows_our_certificates()
    {
        using var folder = new ScratchFolder();
        var services = new ServiceCollection();
        services.AddSingleton(new TrackingEnvironment(_ => null));
        services.AddModelTrack(options =>
        {
            options.TrackingUri = "https://mlflow.invalid";
            options.ServerCertificateAuthority = folder["missing.pem"];
            options.JournalDirectory = folder.Path;
        });
        using var provider = services.BuildServiceProvider();

        Assert.That(
            () => provider.GetRequiredService<Tracker>(),
            Throws.ArgumentException.With.Message.Contains("TrackerOptions.ServerCertificateAuthority").And.Message.Contains("missing.pem"));
    }
}
