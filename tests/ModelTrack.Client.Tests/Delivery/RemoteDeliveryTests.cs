using System.Collections.Concurrent;
using System.Net;

namespace ModelTrack.Client.Tests.Delivery;

/// <summary>What becomes of records on their way to a store behind a network.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RemoteDeliveryTests : IDisposable
{
    private readonly RemoteStore _store = new();

    public void Dispose() => _store.Dispose();

    [Test]
    public async Task Runs_go_side_by_side_up_to_the_limit_and_each_in_order()
    {
        using var tracker = _store.Open();
        var runs = Enumerable.Range(0, 6).Select(i => tracker.StartRun($"run {i}", experiment: "e")).ToList();
        var under = new ConcurrentDictionary<string, int>();
        var most = 0;
        var gate = new TaskCompletionSource();
        _store.OnBatch = async batch =>
        {
            Assert.That(under.TryAdd(batch.RunId, 0), "One batch of a run at a time.");
            lock (gate)
            {
                most = Math.Max(most, under.Count);
            }

            if (under.Count == 3)
            {
                gate.TrySetResult();
            }

            await gate.Task;
            under.TryRemove(batch.RunId, out _);
        };
        for (var step = 0; step < 50; step++)
        {
            runs.ForEach(run => run.LogMetric("loss", step, step));
        }

        await _store.FlushAsync(tracker);
        Assert.That(most, Is.EqualTo(3));
        foreach (var run in runs)
        {
            Assert.That(await _store.StepsAsync(run.Id), Is.EqualTo(Enumerable.Range(0, 50)));
        }
    }

    [Test]
    public async Task A_run_that_is_slow_does_not_hold_up_the_others_however_much_it_logs()
    {
        using var tracker = _store.Open();
        var slow = tracker.StartRun("slow", experiment: "e");
        var quick = tracker.StartRun("quick", experiment: "e");
        var gate = new TaskCompletionSource();
        _store.OnBatch = batch => batch.RunId == slow.Id ? gate.Task : Task.CompletedTask;
        for (var step = 0; step < 3000; step++)
        {
            slow.LogMetric("loss", step, step);
        }

        quick.LogMetric("loss", 1, step: 1);
        await _store.AdvanceUntil(quick.EndAsync());
        Assert.That(await _store.StepsAsync(quick.Id), Is.EqualTo(new[] { 1 }));
        gate.SetResult();
        await _store.AdvanceUntil(slow.EndAsync());
        Assert.That(await _store.StepsAsync(slow.Id), Is.EqualTo(Enumerable.Range(0, 3000)));
    }

    [Test]
    public async Task While_the_store_is_away_one_request_at_a_time_looks_whether_it_is_back()
    {
        using var tracker = _store.Open();
        var runs = Enumerable.Range(0, 6).Select(i => tracker.StartRun($"run {i}", experiment: "e")).ToList();
        _store.IsAway = true;
        runs.ForEach(run => run.LogMetric("loss", 1, step: 1));
        var flush = tracker.FlushAsync();
        await _store.AdvanceUntil(Task.Run(async () =>
        {
            while (_store.Calls.Count(call => call == "log-batch") < 4)
            {
                await Task.Yield();
            }

            return true;
        }));
        _store.Calls.Clear();
        for (var i = 0; i < 600; i++)
        {
            _store.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.That(_store.Calls, Has.Count.LessThan(20), "A minute of an outage: the waits grow to half a minute.");
        Assert.That(flush.IsCompleted, Is.False);
        _store.IsAway = false;
        await _store.AdvanceUntil(flush);
        foreach (var run in runs)
        {
            Assert.That(await _store.StepsAsync(run.Id), Is.EqualTo(new[] { 1 }));
        }
    }

    [Test]
    public async Task A_batch_without_an_answer_is_marked_when_it_is_sent_again_with_all_that_it_may_have_held()
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        var tries = new List<(int Count, bool MayBeStored)>();
        _store.OnBatch = batch =>
        {
            lock (tries)
            {
                tries.Add((batch.Metrics.Count, batch.MayBeStored));
                return tries.Count == 1 ? throw RemoteStore.Away(mayBeApplied: true) : Task.CompletedTask;
            }
        };
        for (var step = 0; step < 25; step++)
        {
            run.LogMetric("loss", step, step);
        }

        await _store.FlushAsync(tracker);
        Assert.That(tries, Is.EqualTo(new[] { (10, false), (10, true), (10, false), (5, false) }));
    }

    [Test]
    public async Task What_a_dead_process_may_have_sent_is_marked_as_such()
    {
        using (var dying = _store.Open())
        {
            var run = dying.StartRun("a", experiment: "e");
            _store.IsAway = true;
            for (var step = 0; step < 25; step++)
            {
                run.LogMetric("loss", step, step);
            }
        }

        var marks = new List<bool>();
        _store.OnBatch = batch =>
        {
            marks.Add(batch.MayBeStored);
            return Task.CompletedTask;
        };
        _store.IsAway = false;
        using var next = _store.Open();
        await _store.FlushAsync(next);
        Assert.That(marks, Has.Count.EqualTo(3).And.All.True, "Each is among the first thousand records, which may be there.");
    }

    [TestCase(HttpStatusCode.Unauthorized)]
    [TestCase(HttpStatusCode.Forbidden)]
    [TestCase(HttpStatusCode.Redirect)]
    [TestCase(HttpStatusCode.NotFound)]
    [TestCase(HttpStatusCode.BadRequest)]
    public async Task Nothing_is_given_up_because_of_a_password_or_a_proxy(HttpStatusCode status)
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        var refused = 0;
        _store.Before = (call, _) => call == "log-batch" && refused++ < 5 ? throw Proxy(status) : Task.CompletedTask;
        run.LogMetric("loss", 1, step: 1);
        var report = await _store.FlushAsync(tracker);
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((1, 0)));
        Assert.That(await _store.StepsAsync(run.Id), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_server_that_asks_for_time_gets_it()
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        var times = new List<DateTimeOffset>();
        _store.OnBatch = _ =>
        {
            times.Add(_store.Clock.GetUtcNow());
            return times.Count == 1
                ? throw new ModelTrackException(ErrorCode.RequestLimitExceeded, "too many") { IsTransient = true, StatusCode = HttpStatusCode.TooManyRequests, RetryAfter = TimeSpan.FromSeconds(90) }
                : Task.CompletedTask;
        };
        run.LogMetric("loss", 1, step: 1);
        await _store.AdvanceUntil(Task.Run(async () =>
        {
            while (times.Count < 2)
            {
                await Task.Yield();
            }

            return true;
        }));
        Assert.That(times[1] - times[0], Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(90)));
    }

    [Test]
    public async Task A_file_may_go_when_the_call_returns_and_is_sent_later()
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        _store.IsAway = true;
        var file = _store.Scratch.Write("model.bin", "content");
        run.LogArtifact(file, "models");
        File.Delete(file);
        run.LogText("notes/n.md", "first").LogText("notes/n.md", "second");
        _store.IsAway = false;
        var report = await _store.AdvanceUntil(run.EndAsync());
        Assert.That((report.Accepted, report.Delivered), Is.EqualTo((4, 4)));
        Assert.That(await ReadAsync(run.Id, "models/model.bin"), Is.EqualTo("content"));
        Assert.That(await ReadAsync(run.Id, "notes/n.md"), Is.EqualTo("second"));
        Assert.That(Staged, Is.Empty);
    }

    [Test]
    public async Task The_next_process_sends_files_that_wait()
    {
        using (var dying = _store.Open())
        {
            _store.IsAway = true;
            dying.StartRun("a", experiment: "e").LogText("a.txt", "text").End();
        }

        Assert.That(Staged, Has.Length.EqualTo(1));
        _store.IsAway = false;
        using var next = _store.Open();
        await _store.FlushAsync(next);
        Assert.That(await ReadAsync((await _store.RunsAsync()).Single().Id, "a.txt"), Is.EqualTo("text"));
        Assert.That(Staged, Is.Empty);
    }

    [Test]
    public async Task A_file_that_the_store_refuses_is_reported_and_kept()
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        _store.Before = (call, _) => call == "write-artifact" ? throw RemoteStore.No(HttpStatusCode.RequestEntityTooLarge, "too large") : Task.CompletedTask;
        run.LogText("big.txt", "text").LogMetric("loss", 1, step: 1);
        var report = await _store.AdvanceUntil(run.EndAsync());
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((2, 1)));
        Assert.That(report.Rejections.Single(), Has.Property("Kind").EqualTo("artifact").And.Property("Key").EqualTo("big.txt").And.Property("Reason").Contains("too large"));
        var kept = Directory.GetFiles(Path.Combine(_store.Journals, "rejected")).Single();
        Assert.That(File.ReadAllText(kept), Is.EqualTo("text"));
    }

    [Test]
    public async Task The_log_says_whether_files_or_records_could_not_be_stored()
    {
        var log = new ListLogger();
        using var tracker = _store.Open(options => options.LoggerFactory = new ListLoggerFactory(log));
        var run = tracker.StartRun("a", experiment: "e");
        var failures = 0;
        _store.Before = (call, _) => call is "write-artifact" or "log-batch" && failures++ % 2 == 0 ? throw new IOException("reset") : Task.CompletedTask;
        run.LogText("a.txt", "text");
        await _store.AdvanceUntil(run.EndAsync());
        Assert.That(log.Warnings, Has.Some.Contains($"Run {run.Id}: 1 file could not be sent; what is logged is safe").And.Some.Contains("reset"));
        Assert.That(log.Warnings, Has.None.Contains(" 0 records"));
    }

    [Test]
    public async Task As_many_files_are_sent_at_a_time_as_the_store_takes()
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        var started = 0;
        var allStarted = new TaskCompletionSource();
        _store.Before = async (call, token) =>
        {
            if (call == "write-artifact")
            {
                if (Interlocked.Increment(ref started) == 6)
                {
                    allStarted.SetResult();
                }

                await allStarted.Task.WaitAsync(TimeSpan.FromMinutes(1), _store.Clock, token);
            }
        };
        for (var i = 0; i < 6; i++)
        {
            run.LogText($"{i}.txt", "text");
        }

        await _store.AdvanceUntil(Task.WhenAny(run.EndAsync(), allStarted.Task));
        Assert.That(allStarted.Task.IsCompleted);
    }

    [Test]
    public async Task A_file_for_which_a_proxy_gives_up_each_time_is_refused_in_the_end_and_holds_up_nobody()
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        var other = tracker.StartRun("b", experiment: "e");
        var tries = 0;
        _store.Before = (call, _) => call == "write-artifact"
            ? throw new ModelTrackException(ErrorCode.TemporarilyUnavailable, "gave up") { StatusCode = HttpStatusCode.GatewayTimeout, IsTransient = true, MayBeApplied = tries++ >= 0 }
            : Task.CompletedTask;
        run.LogText("big.txt", "text");
        other.LogMetric("loss", 1, step: 1);
        await _store.AdvanceUntil(other.EndAsync());
        var report = await _store.AdvanceUntil(run.EndAsync());
        Assert.That(tries, Is.EqualTo(7));
        Assert.That(report.Rejections.Single().Reason, Does.Contain("gave up"));
    }

    [Test]
    public void Files_that_wait_have_a_limit_of_their_own()
    {
        using var tracker = _store.Open(options =>
        {
            options.ArtifactByteCap = 100;
            options.JournalFullTimeout = TimeSpan.Zero;
        });
        var run = tracker.StartRun("a", experiment: "e");
        _store.IsAway = true;
        run.LogArtifact(new byte[80], "a.bin");
        var full = Assert.Throws<IOException>(() => run.LogArtifact(new byte[30], "b.bin"));
        Assert.That(full!.Message, Does.Contain("ArtifactByteCap").And.Contain("100"));
        Assert.That(Staged, Has.Length.EqualTo(1), "Nothing half-written stays.");
    }

    [Test]
    public async Task Rows_are_added_to_a_table_that_is_still_on_its_way()
    {
        using var tracker = _store.Open();
        _store.IsAway = true;
        var run = tracker.StartRun("a", experiment: "e");
        run.LogTable("t.json", ["x"], [[1]]).LogTable("t.json", ["x"], [[2]]);
        _store.IsAway = false;
        await _store.AdvanceUntil(run.EndAsync());
        Assert.That(await ReadAsync(run.Id, "t.json"), Is.EqualTo("""{"columns":["x"],"data":[[1],[2]]}"""));
    }

    [Test]
    public async Task The_end_of_a_run_comes_after_its_files()
    {
        using var tracker = _store.Open();
        var run = tracker.StartRun("a", experiment: "e");
        RunStatus? atUpload = null;
        _store.Before = async (call, token) =>
        {
            if (call == "write-artifact")
            {
                atUpload = (await _store.Inside.GetRunAsync(run.Id, default)).Status;
            }
        };
        run.LogText("a.txt", "text");
        await _store.AdvanceUntil(run.EndAsync());
        Assert.That(atUpload, Is.EqualTo(RunStatus.Running));
        Assert.That((await _store.RunsAsync()).Single().Status, Is.EqualTo(RunStatus.Finished));
    }

    /// <summary>An answer that has not MLflow's form.</summary>
    private static ModelTrackException Proxy(HttpStatusCode status) => new(ErrorCode.BadRequest, "no") { StatusCode = status };

    private string[] Staged => Directory.Exists(_store.Journals) ? Directory.GetFiles(_store.Journals, "*.artifact", SearchOption.AllDirectories) : [];

    private async Task<string> ReadAsync(string runId, string path)
    {
        using var reader = new StreamReader(await _store.Inside.OpenArtifactAsync(runId, path, default));
        return await reader.ReadToEndAsync();
    }
}
