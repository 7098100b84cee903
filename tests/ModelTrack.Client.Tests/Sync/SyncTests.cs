using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>What is copied from one store into another, and what is not.</summary>
internal sealed class SyncTests
{
    private SyncStand _stand = null!;
    private Tracker _source = null!;
    private Tracker _target = null!;

    [SetUp]
    public void MakeStand()
    {
        _stand = new SyncStand();
        _source = _stand.OpenFolder("source");
        _target = _stand.OpenFolder("target");
    }

    [TearDown]
    public void RemoveStand()
    {
        _source.Dispose();
        _target.Dispose();
        _stand.Dispose();
    }

    private async Task<string> LogRunAsync(string name = "a run", int points = 10, string? parentId = null)
    {
        using var run = _source.StartRun(
            name, "trees", parentId is null ? null : new Dictionary<string, string> { ["mlflow.parentRunId"] = parentId });
        run.LogParam("trees", 100).SetTag("team", "oncology").LogText("notes.md", "# Notes");
        for (var i = 0; i < points; i++)
        {
            run.LogMetric("loss", 1.0 / (i + 1), i).LogMetric("auc", i, i);
        }

        await run.EndAsync();
        return run.Id;
    }

    private FailingBackend OpenFailing(string folder)
        => new(new FileBackend(_stand.Scratch[folder], FolderAddressing.PlainPath, TimeProvider.System, NullLogger.Instance));

    private async Task<RunSnapshot> CopyOfAsync(string runId)
    {
        await foreach (var run in _target.Runs.SearchAsync("trees", $"tags.`modeltrack.sync.source` = '{runId}'"))
        {
            return run;
        }

        throw new AssertionException("There is no copy.");
    }

    [Test]
    public async Task A_second_call_writes_nothing()
    {
        await LogRunAsync();
        var backend = OpenFailing("target");
        var target = _stand.Open(_stand.Scratch["target"], _ => backend);
        await target.SyncFromAsync(_source);
        var before = backend.Writes;

        var report = await target.SyncFromAsync(_source);

        Assert.That(before, Is.GreaterThan(3));
        Assert.That(backend.Writes, Is.EqualTo(before));
        Assert.That(report.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(report.Copied, Is.EqualTo(new SyncCounts()));
    }

    [TestCase(StoreSemantics.Sql, "3.11.1")]
    [TestCase(StoreSemantics.FileStore, "2.17.0")]
    public async Task A_second_call_sends_a_server_only_questions(StoreSemantics semantics, string version)
    {
        await LogRunAsync();
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions { Semantics = semantics, Version = version });
        var server = _stand.Open(fake.Url.AbsoluteUri);
        await server.SyncFromAsync(_source);
        fake.ClearRequests();

        var report = await server.SyncFromAsync(_source);

        Assert.That(report.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(
            fake.Requests.Where(request => request.Method != "GET" && !request.Target.Contains("/search", StringComparison.Ordinal)),
            Is.Empty);
    }

    [Test]
    public async Task Ten_more_points_are_ten_points()
    {
        var id = await LogRunAsync();
        await _target.SyncFromAsync(_source);
        using (var run = _source.StartRun(runId: id))
        {
            for (var i = 10; i < 20; i++)
            {
                run.LogMetric("loss", 1.0 / (i + 1), i);
            }
        }

        var report = await _target.SyncFromAsync(_source);

        Assert.That(report.Copied, Is.EqualTo(new SyncCounts { MetricPoints = 10 }));
        Assert.That(report.Runs.Single().Outcome, Is.EqualTo(SyncOutcome.Copied));
        Assert.That(await StoreText.OfAsync(_target, withHashes: true), Is.EqualTo(await StoreText.OfAsync(_source, withHashes: true)));
    }

    [Test]
    public async Task A_run_that_is_still_written_is_copied_as_far_as_it_is()
    {
        using var run = _source.StartRun("going", "trees");
        run.LogMetric("loss", 1, 0).SetTag("state", "first").LogText("log.txt", "one");
        await _source.FlushAsync();
        await _target.SyncFromAsync(_source);
        var halfway = await CopyOfAsync(run.Id);
        run.LogMetric("loss", 0.5, 1).SetTag("state", "second").LogText("log.txt", "one and two");
        await run.EndAsync();

        var report = await _target.SyncFromAsync(_source);

        Assert.That(halfway.Status, Is.EqualTo(RunStatus.Running));
        Assert.That(report.IsComplete);
        Assert.That(await StoreText.OfAsync(_target, withHashes: true), Is.EqualTo(await StoreText.OfAsync(_source, withHashes: true)));
    }

    [Test]
    public async Task A_sync_that_was_killed_anywhere_is_finished_by_the_next([Values] bool isDone)
    {
        var parent = await LogRunAsync("parent", 20);
        await LogRunAsync("child", 9, parent);
        var expected = await StoreText.OfAsync(_source, withHashes: true);
        for (var failAt = 1; ; failAt++)
        {
            var folder = $"target-{failAt}";
            var failing = OpenFailing(folder);
            (failing.FailAt, failing.IsDone) = (failAt, isDone);
            var isKilled = false;
            try
            {
                await _stand.Open(_stand.Scratch[folder], _ => failing).SyncFromAsync(_source);
            }
            catch (TimeoutException)
            {
                isKilled = true;
            }

            var target = _stand.OpenFolder(folder);
            var report = await target.SyncFromAsync(_source);

            Assert.That(report.IsComplete, $"killed at write {failAt}");
            Assert.That(await StoreText.OfAsync(target, withHashes: true), Is.EqualTo(expected), $"killed at write {failAt}");
            if (!isKilled)
            {
                Assert.That(failAt, Is.GreaterThan(10));
                return;
            }
        }
    }

    [Test]
    public async Task A_point_that_was_half_written_when_the_process_was_killed_is_written_whole()
    {
        var id = await LogRunAsync();
        await _target.SyncFromAsync(_source);
        var copy = await CopyOfAsync(id);
        var file = Path.Combine(_stand.Scratch["target"], copy.ExperimentId, copy.Id, "metrics", "loss");
        var whole = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, whole[..^2]);

        var report = await _target.SyncFromAsync(_source);

        Assert.That(report.Copied, Is.EqualTo(new SyncCounts { MetricPoints = 1 }));
        Assert.That(await File.ReadAllTextAsync(file), Is.EqualTo(whole));
    }

    [Test]
    public async Task Children_follow_the_new_ids_also_when_they_started_first()
    {
        var child = await LogRunAsync("child");
        var parent = await LogRunAsync("parent");
        using (var run = _source.StartRun(runId: child))
        {
            run.SetTag("mlflow.parentRunId", parent);
        }

        var report = await _target.SyncFromAsync(_source);

        Assert.That(report.IsComplete);
        Assert.That((await CopyOfAsync(child)).ParentRunId, Is.EqualTo((await CopyOfAsync(parent)).Id));
    }

    [Test]
    public async Task Points_of_every_value_arrive()
    {
        using (var run = _source.StartRun("odd", "trees"))
        {
            foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon, double.NaN })
            {
                run.LogMetric("odd", value, 7, DateTimeOffset.UnixEpoch.AddDays(1));
            }
        }

        Assert.That((await _target.SyncFromAsync(_source)).Copied.MetricPoints, Is.EqualTo(6));
        Assert.That((await _target.SyncFromAsync(_source)).Copied.MetricPoints, Is.Zero);
        Assert.That(await StoreText.OfAsync(_target, withHashes: true), Is.EqualTo(await StoreText.OfAsync(_source, withHashes: true)));
    }

    [Test]
    public async Task What_the_target_has_otherwise_is_reported_and_stays()
    {
        var id = await LogRunAsync();
        await _target.SyncFromAsync(_source);
        var copy = await CopyOfAsync(id);
        await _target.Runs.SetTagAsync(copy.Id, "team", "cardiology");
        await File.WriteAllTextAsync(Path.Combine(_stand.Scratch["target"], copy.ExperimentId, copy.Id, "params", "trees"), "99");
        await File.AppendAllTextAsync(Path.Combine(_stand.Scratch["target"], copy.ExperimentId, copy.Id, "metrics", "loss"), "5 0.25 99\n");
        var before = await StoreText.OfAsync(_target, withHashes: true);

        var report = await _target.SyncFromAsync(_source);

        var run = report.Runs.Single();
        Assert.That(run.Outcome, Is.EqualTo(SyncOutcome.Conflict));
        Assert.That(run.Conflicts, Has.Count.EqualTo(3));
        Assert.That(run.Conflicts, Has.One.Contains("param").And.One.Contains("cardiology").And.One.Contains("1 points"));
        Assert.That(await StoreText.OfAsync(_target, withHashes: true), Is.EqualTo(before));
    }

    [Test]
    public async Task What_is_deleted_in_the_target_stays_so()
    {
        var id = await LogRunAsync();
        await _target.SyncFromAsync(_source);
        var copy = await CopyOfAsync(id);
        await _target.Runs.DeleteAsync(copy.Id);
        var ofRun = await _target.SyncFromAsync(_source);
        await _target.Experiments.DeleteAsync(copy.ExperimentId);
        var ofExperiment = await _target.SyncFromAsync(_source);

        Assert.That(ofRun.Runs.Single().Outcome, Is.EqualTo(SyncOutcome.Conflict));
        Assert.That(ofExperiment.Runs.Single().Outcome, Is.EqualTo(SyncOutcome.Conflict));
        Assert.That(ofExperiment.Runs.Single().Conflicts.Single(), Does.Contain("experiment"));
    }

    [Test]
    public async Task A_dry_run_says_what_would_be_copied_and_writes_nothing()
    {
        await LogRunAsync();

        var dry = await _target.SyncFromAsync(_source, new SyncOptions { DryRun = true });

        Assert.That(await _target.Experiments.FindAsync("trees"), Is.Null);
        var real = await _target.SyncFromAsync(_source);
        Assert.That(dry.IsDryRun);
        Assert.That(dry.Copied, Is.EqualTo(real.Copied));
        Assert.That(dry.Items.Select(item => (item.Name, item.Outcome)), Is.EqualTo(real.Items.Select(item => (item.Name, item.Outcome))));
        Assert.That(real.Copied.MetricPoints, Is.EqualTo(20));
    }

    [Test]
    public async Task Only_what_the_filter_finds_is_copied()
    {
        await LogRunAsync("long", 20);
        await LogRunAsync("short", 5);
        using (_source.StartRun("other", "bushes"))
        {
        }

        var byFilter = await _target.SyncFromAsync(_source, new SyncOptions { Filter = "metrics.auc > 10" });
        var byName = await _target.SyncFromAsync(_source, new SyncOptions { Experiments = ["bushes"] });

        Assert.That(byFilter.Runs.Select(run => run.Name), Is.EqualTo(["long"]));
        Assert.That(byName.Runs.Select(run => run.Name), Is.EqualTo(["other"]));
        Assert.That(
            async () => await _target.SyncFromAsync(_source, new SyncOptions { Experiments = ["shrubs"] }),
            Throws.InstanceOf<ModelTrackException>().With.Message.Contains("shrubs"));
    }

    [Test]
    public async Task A_cancelled_sync_is_finished_by_the_next()
    {
        await LogRunAsync("first");
        await LogRunAsync("second");
        using var end = new CancellationTokenSource();
        var progress = new Listener(done =>
        {
            if (done.RunsDone == 1)
            {
                end.Cancel();
            }
        });

        var options = new SyncOptions { MaxParallelRuns = 1 };
        Assert.That(
            async () => await _target.SyncFromAsync(_source, options, progress, end.Token),
            Throws.InstanceOf<OperationCanceledException>());
        var report = await _target.SyncFromAsync(_stand.Scratch["source"]);

        Assert.That(report.Runs.Select(run => run.Outcome), Is.EqualTo([SyncOutcome.Unchanged, SyncOutcome.Copied]));
        Assert.That(await StoreText.OfAsync(_target, withHashes: true), Is.EqualTo(await StoreText.OfAsync(_source, withHashes: true)));
    }

    [Test]
    public void A_store_is_not_copied_into_itself_nor_from_a_folder_that_is_not_there()
    {
        Assert.That(async () => await _target.SyncFromAsync(_stand.Scratch["target"]), Throws.ArgumentException);
        Assert.That(async () => await _target.SyncFromAsync(_stand.Scratch["nothing"]), Throws.InstanceOf<DirectoryNotFoundException>());
        Assert.That(async () => await Tracker.Disabled.SyncFromAsync(_source), Throws.InvalidOperationException);
        Assert.That(Directory.Exists(_stand.Scratch["nothing"]), Is.False);
    }

    private sealed class Listener(Action<SyncProgress> report) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => report(value);
    }
}
