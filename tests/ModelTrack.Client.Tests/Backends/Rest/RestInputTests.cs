using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Fakes;
using ModelTrack.Client.Tests.Faults;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>Data sets on their way to a server, which may be old, in trouble, or against them.</summary>
internal sealed class RestInputTests
{
    private HurriedClock _clock = null!;
    private FakeServer _server = null!;
    private ScratchFolder _scratch = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new HurriedClock(haste: 100);
        _scratch = new ScratchFolder();
    }

    [TearDown]
    public async Task StopServer()
    {
        await _server.DisposeAsync();
        _clock.Dispose();
        _scratch.Dispose();
    }

    [Test]
    public async Task A_server_that_knows_no_data_sets_rejects_them_with_that_reason_and_takes_the_rest()
    {
        using var tracker = await OpenAsync("2.3.0");
        var run = tracker.StartRun();
        var report = await run.LogMetric("loss", 1).LogInput(Dataset("a")).LogInput(Dataset("b")).EndAsync();
        Assert.That((report.Accepted, report.Delivered, report.Rejected), Is.EqualTo((4, 2, 2)));
        Assert.That(report.Rejections.Select(r => (r.Kind, r.Key, r.Value)), Is.EqualTo(new[] { ("input", "a", "1a2b"), ("input", "b", "1a2b") }));
        Assert.That(report.Rejections.Select(r => r.Reason), Is.All.Contains("since 2.4"));
        Assert.That((_server.State.GetRun(run.Id).Status, InputCalls), Is.EqualTo(("FINISHED", 1)));
    }

    [TestCase(5, 100, 1)]
    [TestCase(7, 150_000, 3)]
    public async Task Those_of_a_batch_go_together_in_requests_below_a_megabyte(int count, int quotes, int requests)
    {
        using var tracker = await OpenAsync();
        using var run = tracker.StartRun();
        using var backend = RestBackend.Open(
            TrackingUri.Parse(_server.Url.AbsoluteUri), new TrackerOptions(), StoreUnderTest.NoVariables, NullLogger.Instance);
        var batch = new RunBatch { RunId = run.Id };
        batch.Inputs.AddRange(Enumerable.Range(0, count).Select(i => Dataset($"{i}") with { Schema = new string('"', quotes) }));
        Assert.That(await backend.LogBatchAsync(batch, default), Is.Empty);
        Assert.That((_server.State.GetRun(run.Id).DatasetInputs.Count, InputCalls), Is.EqualTo((count, requests)));
        Assert.That(_server.Requests.Select(request => request.Body.Length), Is.All.LessThan(1_000_000));
    }

    [Test]
    public async Task One_that_is_refused_is_rejected_alone()
    {
        using var tracker = await OpenAsync();
        Answer(400, """{"error_code": "INVALID_PARAMETER_VALUE", "message": "no poison here"}""", "poison");
        var run = tracker.StartRun();
        var report = await run.LogInput(Dataset("a")).LogInput(Dataset("poison")).LogInput(Dataset("b")).EndAsync();
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((3, 1)));
        Assert.That(report.Rejections[0].Key, Is.EqualTo("poison"));
        Assert.That(report.Rejections[0].Reason, Does.Contain("no poison here"));
        Assert.That(_server.State.GetRun(run.Id).DatasetInputs.Select(input => input.Dataset.Name), Is.EquivalentTo(new[] { "a", "b" }));
    }

    /// <summary>What a database answers to one of two runs that bring the same new data set at the same moment.</summary>
    [Test]
    public async Task A_refusal_that_is_not_repeated_is_none()
    {
        using var tracker = await OpenAsync();
        Answer(400, """{"error_code": "BAD_REQUEST", "message": "UNIQUE constraint failed: datasets.experiment_id"}""", "a", times: 1);
        var run = tracker.StartRun();
        var report = await run.LogInput(Dataset("a")).EndAsync();
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((2, 0)));
        Assert.That(_server.State.GetRun(run.Id).DatasetInputs, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_page_of_a_proxy_that_the_server_is_not_behind_just_now_rejects_nothing()
    {
        using var tracker = await OpenAsync();
        var run = tracker.StartRun();
        var left = 2;
        _server.Interceptor = async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/runs/create", StringComparison.Ordinal) || --left < 0)
            {
                return false;
            }

            await FakeServer.SendAsync(context, new FakeAnswer(404, "text/html", "<html>nothing here</html>"u8.ToArray()));
            return true;
        };
        var report = await run.LogInput(Dataset("a")).EndAsync();
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((2, 0)));
        Assert.That(left, Is.Negative, "The page was met.");
        Assert.That(_server.State.GetRun(run.Id).DatasetInputs, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task One_at_which_the_server_fails_each_time_is_rejected_in_the_end()
    {
        using var tracker = await OpenAsync();
        Answer(500, """{"error_code": "INTERNAL_ERROR", "message": "NUL"}""", "poison");
        var run = tracker.StartRun();
        var report = await run.LogInput(Dataset("poison")).LogInput(Dataset("a")).LogMetric("loss", 1).EndAsync();
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((3, 1)));
        Assert.That(report.Rejections[0].Reason, Does.Contain("NUL"));
    }

    [Test]
    public async Task A_server_that_takes_no_writes_at_all_rejects_nothing()
    {
        using var tracker = await OpenAsync();
        var run = tracker.StartRun();
        var left = 30;
        _server.Interceptor = async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/runs/get", StringComparison.Ordinal) || --left < 0)
            {
                return false;
            }

            await FakeServer.SendAsync(context, new FakeAnswer(500, "text/html", "<html>disk full</html>"u8.ToArray()));
            return true;
        };
        var report = await run.LogInput(Dataset("a")).EndAsync();
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((2, 0)));
    }

    private int InputCalls => _server.Requests.Count(request => request.Target.EndsWith("/runs/log-inputs", StringComparison.Ordinal));

    private static DatasetInput Dataset(string name) => DatasetInput.FromSource($"{name}.csv", name, "1a2b");

    private void Answer(int status, string json, string name, int times = int.MaxValue) => _server.Interceptor = async context =>
    {
        var body = Encoding.UTF8.GetString(((MemoryStream)context.Request.Body).ToArray());
        if (!context.Request.Path.Value!.EndsWith("/runs/log-inputs", StringComparison.Ordinal)
            || !body.Contains($"\"name\":\"{name}\"", StringComparison.Ordinal)
            || --times < 0)
        {
            return false;
        }

        await FakeServer.SendAsync(context, new FakeAnswer(status, "application/json", Encoding.UTF8.GetBytes(json)));
        return true;
    };

    private async Task<Tracker> OpenAsync(string version = "3.11.1")
    {
        _server = await FakeServer.StartAsync(new FakeServerOptions { Version = version });
        return new Tracker(
            new TrackerOptions
            {
                TrackingUri = _server.Url.AbsoluteUri,
                CaptureContext = false,
                JournalDirectory = _scratch["journals"],
                TimeProvider = _clock,
            },
            StoreUnderTest.NoVariables);
    }
}
