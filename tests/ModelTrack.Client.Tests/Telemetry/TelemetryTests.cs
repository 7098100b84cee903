using System.Diagnostics;
using System.Diagnostics.Metrics;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Telemetry;

/// <summary>What OpenTelemetry would get. The meter is the process's, so that each test looks at a destination of its own.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TelemetryTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, double Value, string Tags)> _seen = [];
    private string _destination = "";

    public TelemetryTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "ModelTrack.Client")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _scratch.Dispose();
    }

    [Test]
    public async Task Records_are_counted_and_stay_counted_when_their_tracker_is_closed()
    {
        _destination = new Uri(_scratch["mlruns"]).AbsoluteUri;
        for (var i = 1; i <= 2; i++)
        {
            using (var tracker = new Tracker(_destination))
            {
                using var run = tracker.StartRun();
                run.LogMetric("loss", 1).LogParam("a", 1);
                await run.EndAsync();
                Assert.That(Read(), Is.EqualTo((3.0 * i, 3.0 * i, 0.0)), "Point, param and end.");
            }

            Assert.That(Read(), Is.EqualTo((3.0 * i, 3.0 * i, 0.0)));
        }

        Assert.That(Of("send.duration").Select(one => one.Value), Is.Not.Empty.And.All.InRange(0, 60));
    }

    [Test]
    public async Task What_waits_is_pending_until_its_tracker_is_closed()
    {
        _destination = "http://127.0.0.1:9/";
        using (var tracker = new Tracker(new TrackerOptions
        {
            TrackingUri = _destination,
            JournalDirectory = _scratch["journals"],
            StartTimeout = TimeSpan.Zero,
            ShutdownTimeout = TimeSpan.Zero,
        }))
        {
            _destination = tracker.TrackingUri;
            tracker.StartRun().LogMetric("loss", 1).LogMetric("loss", 2);
            Assert.That(Read(), Is.EqualTo((2.0, 0.0, 2.0)));
            await Task.CompletedTask;
        }

        Assert.That(Read().Pending, Is.Zero);
    }

    [Test]
    public async Task What_is_rejected_is_counted_by_its_kind_and_reason()
    {
        _destination = new Uri(_scratch["mlruns"]).AbsoluteUri;
        using var tracker = new Tracker(_destination);
        using var one = tracker.StartRun();
        using var other = tracker.StartRun(runId: one.Id);
        one.LogParam("a", 1);
        await tracker.FlushAsync();
        await tracker.Runs.DeleteAsync(one.Id);
        other.LogMetric("loss", 1).LogMetric("loss", 2);
        await tracker.FlushAsync();
        Assert.That(
            Of("records.rejected").Select(rejected => (rejected.Value, rejected.Tags)),
            Has.One.EqualTo((2.0, $"error.type=refused modeltrack.destination={_destination} modeltrack.record.kind=metric")));
    }

    [Test]
    public async Task A_send_is_an_activity_and_a_failed_one_says_so()
    {
        await using var server = await FakeServer.StartAsync();
        var address = server.Url;
        List<Activity> activities = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "ModelTrack.Client",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (activities)
                {
                    activities.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var fails = true;
        server.Interceptor = context =>
        {
            if (context.Request.Path.Value!.EndsWith("log-batch", StringComparison.Ordinal) && fails)
            {
                fails = false;
                context.Response.StatusCode = 401;
                return Task.FromResult(true);
            }

            return Task.FromResult(false);
        };
        using (var tracker = new Tracker(new TrackerOptions { TrackingUri = $"http://me:secret@{address.Authority}", JournalDirectory = _scratch["journals"] }))
        {
            using var run = tracker.StartRun();
            run.LogMetric("loss", 1);
            await run.EndAsync();
        }

        List<Activity> sends;
        lock (activities)
        {
            sends = [.. activities.Where(activity => activity.OperationName == "modeltrack.send" && Equals(activity.GetTagItem("server.port"), address.Port))];
        }

        Assert.That(sends.Select(activity => activity.GetTagItem("error.type")), Is.EquivalentTo(new[] { "UNAUTHENTICATED", null }).Or.Contain("UNAUTHENTICATED"));
        Assert.That(sends.Select(activity => activity.Status), Does.Contain(ActivityStatusCode.Error).And.Contain(ActivityStatusCode.Unset));
        Assert.That(sends.SelectMany(activity => activity.Tags).Select(tag => tag.Value), Has.None.Contains("secret"));
    }

    private (double Accepted, double Delivered, double Pending) Read()
    {
        lock (_seen)
        {
            _seen.RemoveAll(one => one.Name.Contains("records", StringComparison.Ordinal) && !one.Name.EndsWith("rejected", StringComparison.Ordinal));
        }

        _listener.RecordObservableInstruments();
        return (Of("records.accepted").Sum(one => one.Value), Of("records.delivered").Sum(one => one.Value), Of("records.pending").Sum(one => one.Value));
    }

    private List<(string Name, double Value, string Tags)> Of(string name)
    {
        lock (_seen)
        {
            return [.. _seen.Where(one => one.Name == "modeltrack.client." + name && one.Tags.Contains($"destination={_destination}", StringComparison.Ordinal))];
        }
    }

    private void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = string.Join(' ', tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
        lock (_seen)
        {
            _seen.Add((instrument.Name, value, text));
        }
    }
}
