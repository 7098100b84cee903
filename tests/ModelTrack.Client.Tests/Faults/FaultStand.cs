using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>A server that keeps what it is told, what stands in front of it, and trackers that know only that. Its clock hurries.</summary>
internal sealed class FaultStand : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ScratchFolder _scratch = new();
    private readonly List<Tracker> _trackers = [];
    private readonly List<LoggedRun> _runs = [];

    private FaultStand(FakeServer server, StoreSemantics semantics, HurriedClock clock, IFront front)
    {
        Server = server;
        Semantics = semantics;
        Clock = clock;
        Front = front;
    }

    public FakeServer Server { get; }

    public StoreSemantics Semantics { get; }

    public HurriedClock Clock { get; }

    public IFront Front { get; }

    public FaultyProxy Proxy => ((SocketFront)Front).Proxy;

    public EventLog Log { get; } = new();

    public string Journals => _scratch["journals"];

    /// <summary>A stand for faults of one kind.</summary>
    public static Task<FaultStand> StartAsync(StoreSemantics semantics, Fault fault) => StartAsync(semantics, fault.Haste, fault.Deed is null);

    public static async Task<FaultStand> StartAsync(StoreSemantics semantics, int haste = 20, bool overHttp = false)
    {
        var server = await FakeServer.StartAsync(new FakeServerOptions { Semantics = semantics });
        server.RecordsRequests = false;
        var clock = new HurriedClock(haste);
        return new FaultStand(server, semantics, clock, overHttp ? new WireMockFront(server.Url, clock) : new SocketFront(server.Url, clock));
    }

    public Tracker Open(Action<TrackerOptions>? configure = null, TimeSpan? requestTimeout = null)
    {
        var options = new TrackerOptions
        {
            TrackingUri = Front.Url.AbsoluteUri,
            ExperimentName = "e",
            TimeProvider = Clock,
            CaptureContext = false,
            JournalDirectory = Journals,
            JournalSegmentSize = 1 << 16,
            LoggerFactory = Log,
            StartTimeout = Clock.Machine(TimeSpan.FromSeconds(0.2)),
            ShutdownTimeout = TimeSpan.Zero,
        };
        configure?.Invoke(options);
        var settings = new HttpSettings { Retries = 1, RequestTimeout = requestTimeout ?? Clock.Machine(TimeSpan.FromSeconds(0.3)) };
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        var tracker = new Tracker(
            options, StoreUnderTest.NoVariables, clock => new RestBackend(ServerConnection.For(Front.Url, client, clock, settings)));
        _trackers.Add(tracker);
        return tracker;
    }

    public LoggedRun Start(Tracker tracker, string name) => Keep(tracker.StartRun(name));

    public LoggedRun Keep(Run run)
    {
        var logged = new LoggedRun(run);
        _runs.Add(logged);
        return logged;
    }

    /// <summary>What waits for delivery ends in time, however long an outage may be allowed to last in earnest.</summary>
    public async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> wait)
    {
        using var over = new CancellationTokenSource(Deadline);
        try
        {
            return await wait(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            throw new TimeoutException($"Not delivered in time. The tracker's log:\n{Log.Text}");
        }
    }

    /// <summary>Everything is delivered; the server has it as often as promised, and no more runs or experiments than there should be.</summary>
    public async Task AssertAllIsStoredAsync(Tracker tracker)
    {
        var report = await InTimeAsync(token => FlushAllAsync(tracker, token));
        try
        {
            Assert.That(report.Rejections, Is.Empty);
            Assert.That((report.Delivered, report.Rejected, report.Pending), Is.EqualTo((report.Accepted, 0L, 0L)));
            AssertStored();
        }
        catch (AssertionException)
        {
            TestContext.Out.WriteLine(Log.Text);
            throw;
        }
    }

    /// <summary>A flush does not wait for what a dead process left while that does not get through.</summary>
    private async Task<DeliveryReport> FlushAllAsync(Tracker tracker, CancellationToken cancellationToken)
    {
        while (true)
        {
            var report = await tracker.FlushAsync(cancellationToken);
            if (report.Pending == 0)
            {
                return report;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), Clock, cancellationToken);
        }
    }

    public void AssertStored()
    {
        Assert.That(Server.State.Runs.Select(run => run.Name), Is.EquivalentTo(_runs.Select(run => run.Name)));
        Assert.That(Server.State.Experiments.Select(experiment => experiment.Name), Is.EquivalentTo(new[] { "Default", "e" }));
        _runs.ForEach(run => run.AssertIsStored(Server.State, Semantics));
        Assert.That(_runs.Max(run => run.Longest), Is.LessThan(TimeSpan.FromSeconds(1)), "No log call waits for a server.");
    }

    public async ValueTask DisposeAsync()
    {
        _trackers.ForEach(tracker => tracker.Dispose());
        Clock.Dispose();
        await Front.DisposeAsync();
        await Server.DisposeAsync();
        _scratch.Dispose();
    }
}
