using Microsoft.Extensions.Time.Testing;

namespace ModelTrack.Client.Tests;

[TestFixture(StoreKind.Folder)]
[TestFixture(StoreKind.Memory)]
internal sealed class RunTests(StoreKind kind)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, 123, TimeSpan.Zero);
    private FakeTimeProvider _clock = null!;
    private StoreUnderTest _store = null!;
    private Tracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new FakeTimeProvider(Noon);
        _store = new StoreUnderTest(kind);
        _tracker = _store.Open(_clock);
    }

    [TearDown]
    public void TearDown()
    {
        _tracker.Dispose();
        _store.Dispose();
    }

    [Test]
    [SetCulture("de-DE")]
    public async Task An_anonymous_object_or_a_record_as_a_value_becomes_params_of_its_own_in_any_culture()
    {
        using var run = _tracker.StartRun();
        run.LogParam("a", new { x = 0.5, d = new DateTime(2024, 1, 2) })
            .LogParams(("r", new Options(0.25, new Inner(true))), ("n", 1.5))
            .LogParam("list", new object[] { new Options(0.5, null) });
        await run.EndAsync();

        Assert.That((await _tracker.Runs.GetAsync(run.Id)).Params, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["a.x"] = "0.5",
            ["a.d"] = "2024-01-02T00:00:00",
            ["r.Rate"] = "0.25",
            ["r.Inner.Fast"] = "true",
            ["n"] = "1.5",
            ["list"] = "[\"Options { Rate = 0.5, Inner =  }\"]",
        }));
    }

    [Test]
    public async Task What_was_logged_in_one_chain_is_stored()
    {
        using var run = _tracker.StartRun("fast-tree", experiment: "breast-cancer");
        run.LogParam("trees", 100).LogParam("learning_rate", 0.2).SetTag("team", "oncology")
            .LogMetric("auc", 0.5).LogMetric("auc", 0.75, step: 1).SetDescription("**bold**");
        await run.EndAsync();

        var stored = await _tracker.Runs.GetAsync(run.Id);
        var experiment = await _tracker.Experiments.GetAsync(stored.ExperimentId);
        Assert.Multiple(() =>
        {
            Assert.That(stored.Name, Is.EqualTo("fast-tree"));
            Assert.That(experiment.Name, Is.EqualTo("breast-cancer"));
            Assert.That(stored.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(stored.Params, Is.EquivalentTo(new Dictionary<string, string> { ["trees"] = "100", ["learning_rate"] = "0.2" }));
            Assert.That(stored.Tags["team"], Is.EqualTo("oncology"));
            Assert.That(stored.Tags["mlflow.note.content"], Is.EqualTo("**bold**"));
            Assert.That(stored.Metrics["auc"].Value, Is.EqualTo(0.75));
            Assert.That(stored.Metrics["auc"].Step, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Params_come_from_objects_dictionaries_and_tuples()
    {
        using var run = _tracker.StartRun();
        run.LogParams(new { leaves = 20, tree = new { depth = 3 } })
            .LogParams(new Settings(0.1, Enabled: true))
            .LogParams(new Dictionary<string, int> { ["seed"] = 7 })
            .LogParams(("a", null), ("b", 1.5));
        await _tracker.FlushAsync();

        Assert.That((await _tracker.Runs.GetAsync(run.Id)).Params, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["leaves"] = "20",
            ["tree.depth"] = "3",
            ["Rate"] = "0.1",
            ["Enabled"] = "true",
            ["seed"] = "7",
            ["a"] = "",
            ["b"] = "1.5",
        }));
    }

    [Test]
    public async Task Several_metrics_have_one_step_and_one_time()
    {
        var when = Noon.AddDays(-1);
        using var run = _tracker.StartRun();
        run.LogMetrics(new Dictionary<string, double> { ["a"] = 1, ["b"] = 2 }, step: 3, timestamp: when)
            .LogMetrics([("c", 4d), ("d", 5d)], step: 6)
            .LogMetrics(("e", 7));
        await _tracker.FlushAsync();

        var metrics = (await _tracker.Runs.GetAsync(run.Id)).Metrics;
        Assert.Multiple(() =>
        {
            Assert.That(metrics["a"], Is.EqualTo(new MetricPoint(1, 3, when.ToUnixTimeMilliseconds())));
            Assert.That(metrics["b"], Is.EqualTo(new MetricPoint(2, 3, when.ToUnixTimeMilliseconds())));
            Assert.That(metrics["c"], Is.EqualTo(new MetricPoint(4, 6, Noon.ToUnixTimeMilliseconds())));
            Assert.That(metrics["d"], Is.EqualTo(new MetricPoint(5, 6, Noon.ToUnixTimeMilliseconds())));
            Assert.That(metrics["e"], Is.EqualTo(new MetricPoint(7, 0, Noon.ToUnixTimeMilliseconds())));
        });
    }

    [Test]
    public async Task A_point_has_the_time_of_the_call()
    {
        using var run = _tracker.StartRun();
        run.LogMetric("loss", 1);
        _clock.Advance(TimeSpan.FromSeconds(5));
        run.LogMetric("loss", 2).LogMetric("loss", 3, timestamp: new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)));
        _clock.Advance(TimeSpan.FromHours(1));
        await run.EndAsync();

        var points = await _tracker.Runs.GetMetricHistoryAsync(run.Id, "loss").ToListAsync();
        var stored = await _tracker.Runs.GetAsync(run.Id);
        Assert.Multiple(() =>
        {
            Assert.That(points.Select(point => point.Timestamp), Is.EqualTo(new[]
            {
                Noon, Noon.AddSeconds(5), new DateTimeOffset(2025, 12, 31, 22, 0, 0, TimeSpan.Zero),
            }));
            Assert.That(stored.StartTime, Is.EqualTo(Noon));
            Assert.That(stored.EndTime, Is.EqualTo(Noon.AddHours(1).AddSeconds(5)));
        });
    }

    [Test]
    public async Task NaN_and_the_infinities_are_points_as_others()
    {
        using var run = _tracker.StartRun();
        double[] values = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0d, double.MaxValue, double.Epsilon];
        for (var step = 0; step < values.Length; step++)
        {
            run.LogMetric("x", values[step], step);
        }

        await _tracker.FlushAsync();

        var points = await _tracker.Runs.GetMetricHistoryAsync(run.Id, "x").ToListAsync();
        Assert.That(points.Select(point => point.Value), Is.EqualTo(values));
    }

    [Test]
    public async Task A_tag_may_be_set_again_and_deleted()
    {
        using var run = _tracker.StartRun(tags: new Dictionary<string, string> { ["phase"] = "one" });
        run.SetTag("phase", "two").SetTag("gone", 1).DeleteTag("gone").DeleteTag("never-there")
            .SetTags(("x", true), ("y", null)).SetTags(new Dictionary<string, string> { ["z"] = "é漢😀" });
        await run.EndAsync();

        var tags = (await _tracker.Runs.GetAsync(run.Id)).Tags;
        Assert.Multiple(() =>
        {
            Assert.That(tags["phase"], Is.EqualTo("two"));
            Assert.That(tags, Does.Not.ContainKey("gone"));
            Assert.That(tags["x"], Is.EqualTo("true"));
            Assert.That(tags["y"], Is.Empty);
            Assert.That(tags["z"], Is.EqualTo("é漢😀"));
        });
    }

    [Test]
    public async Task A_tag_that_was_deleted_makes_room_for_one_below_it()
    {
        using var run = _tracker.StartRun();
        run.SetTag("a", 1).DeleteTag("a").SetTag("a/b", 2);

        var report = await run.EndAsync();

        Assert.That(report.Rejections, Is.Empty);
        Assert.That((await _tracker.Runs.GetAsync(run.Id)).Tags["a/b"], Is.EqualTo("2"));
    }

    [Test]
    public async Task A_child_knows_its_parent_and_is_in_its_experiment()
    {
        using var run = _tracker.StartRun("parent", experiment: "cv");
        using var fold = run.StartChild("fold-1", new Dictionary<string, string> { ["k"] = "v" }, description: "first");
        using var other = await run.StartChildAsync("fold-2");
        fold.LogMetric("auc", 0.97).End();
        await _tracker.FlushAsync();

        var child = await _tracker.Runs.GetAsync(fold.Id);
        Assert.Multiple(() =>
        {
            Assert.That(child.ParentRunId, Is.EqualTo(run.Id));
            Assert.That(child.ExperimentId, Is.EqualTo(run.ExperimentId));
            Assert.That(child.Name, Is.EqualTo("fold-1"));
            Assert.That(child.Tags["k"], Is.EqualTo("v"));
            Assert.That(child.Tags["mlflow.note.content"], Is.EqualTo("first"));
            Assert.That(child.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(other.ExperimentId, Is.EqualTo(run.ExperimentId));
        });
        Assert.That((await _tracker.Runs.GetAsync(run.Id)).Status, Is.EqualTo(RunStatus.Running));
    }

    [Test]
    public async Task A_resumed_run_is_running_and_then_ends_anew()
    {
        var first = _tracker.StartRun("one");
        first.LogParam("p", 1).LogMetric("m", 1).End(RunStatus.Failed);
        _clock.Advance(TimeSpan.FromMinutes(1));

        using var second = _tracker.StartRun("two", runId: first.Id, tags: new Dictionary<string, string> { ["again"] = "yes" });
        var whileOpen = await _tracker.Runs.GetAsync(first.Id);
        second.LogParam("q", 2).LogMetric("m", 2, step: 1);
        await second.EndAsync();
        var ended = await _tracker.Runs.GetAsync(first.Id);

        Assert.Multiple(() =>
        {
            Assert.That(second.Id, Is.EqualTo(first.Id));
            Assert.That(whileOpen.Status, Is.EqualTo(RunStatus.Running));
            Assert.That(whileOpen.EndTime, Is.Null);
            Assert.That(ended.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(ended.EndTime, Is.EqualTo(Noon.AddMinutes(1)));
            Assert.That(ended.StartTime, Is.EqualTo(Noon));
            Assert.That(ended.Name, Is.EqualTo("two"));
            Assert.That(ended.Tags["again"], Is.EqualTo("yes"));
            Assert.That(ended.Params, Has.Count.EqualTo(2));
        });
        Assert.That(await _tracker.Runs.GetMetricHistoryAsync(first.Id, "m").CountAsync(), Is.EqualTo(2));
    }

    [Test]
    public void A_resumed_run_knows_the_params_of_before()
    {
        var first = _tracker.StartRun();
        first.LogParam("p", 1).End();

        using var second = _tracker.StartRun(runId: first.Id);

        Assert.That(() => second.LogParam("p", 1), Throws.Nothing);
        Assert.That(
            () => second.LogParam("p", 2),
            Throws.TypeOf<ModelTrackException>().With.Message.Contains("'p'").And.Message.Contains("\"2\"")
                .And.Property("ErrorCode").EqualTo(ErrorCode.InvalidParameterValue));
    }

    [Test]
    public void Two_handles_on_one_run_know_each_others_params()
    {
        using var one = _tracker.StartRun();
        using var two = _tracker.StartRun(runId: one.Id);
        one.LogParam("p", "of one");
        two.LogParam("q", "of two");

        Assert.That(() => two.LogParam("p", "other"), Throws.TypeOf<ModelTrackException>());
        Assert.That(() => one.LogParam("q", "other"), Throws.TypeOf<ModelTrackException>());
    }

    [Test]
    public async Task The_report_of_a_run_accounts_for_all_its_records()
    {
        using var other = _tracker.StartRun();
        using var run = _tracker.StartRun();
        other.LogMetric("m", 1);
        run.LogParam("p", 1).LogMetric("m", 1).LogMetric("m", 2).SetTag("t", 1).LogText("a.txt", "x");

        var report = await run.EndAsync();

        Assert.Multiple(() =>
        {
            Assert.That(report.Accepted, Is.EqualTo(6), "param, two points, tag, artifact, end");
            Assert.That(report.Delivered, Is.EqualTo(6));
            Assert.That(report.Pending, Is.Zero);
            Assert.That(report.Rejected, Is.Zero);
            Assert.That(report.Rejections, Is.Empty);
        });
    }

    [Test]
    public async Task Records_of_a_run_that_was_deleted_meanwhile_are_in_the_report()
    {
        var run = _tracker.StartRun();
        await _tracker.Runs.DeleteAsync(run.Id);
        run.LogMetric("m", 0.5, step: 3);

        var report = await run.EndAsync();

        Assert.Multiple(() =>
        {
            Assert.That(report.Accepted, Is.EqualTo(2));
            Assert.That(report.Accepted, Is.EqualTo(report.Delivered + report.Pending + report.Rejected));
            Assert.That(report.Rejected, Is.EqualTo(2));
            Assert.That(report.Rejections[0], Has.Property("Kind").EqualTo("metric").And.Property("Key").EqualTo("m"));
            Assert.That(report.Rejections[0].Reason, Does.Contain("deleted"));
        });
    }

    [Test]
    public async Task Fail_records_the_exception()
    {
        var run = _tracker.StartRun();
        run.Fail(new InvalidOperationException("the data is empty"));
        await _tracker.FlushAsync();

        var stored = await _tracker.Runs.GetAsync(run.Id);
        Assert.Multiple(() =>
        {
            Assert.That(stored.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(stored.Tags["exception.type"], Is.EqualTo("System.InvalidOperationException"));
            Assert.That(stored.Tags["exception.message"], Is.EqualTo("the data is empty"));
            Assert.That(stored.Tags["exception.stacktrace"], Does.Contain("the data is empty"));
        });
    }

    [Test]
    public async Task An_exception_of_any_length_and_text_can_be_recorded()
    {
        var run = _tracker.StartRun();
        run.Fail(new InvalidOperationException("\ud800" + new string('x', 20_000)));

        var report = await run.EndAsync();

        Assert.That(report.Rejected, Is.Zero);
        Assert.That((await _tracker.Runs.GetAsync(run.Id)).Tags["exception.message"], Has.Length.EqualTo(8000));
    }

    [Test]
    public async Task The_first_end_counts()
    {
        var run = _tracker.StartRun();
        run.End(RunStatus.Killed);
        run.End();
        run.Fail(new InvalidOperationException());
        run.Dispose();
        run.Dispose();
        await run.DisposeAsync();
        await run.EndAsync(RunStatus.Failed);

        var stored = await _tracker.Runs.GetAsync(run.Id);
        Assert.That(stored.Status, Is.EqualTo(RunStatus.Killed));
        Assert.That(stored.Tags, Does.Not.ContainKey("exception.type"));
    }

    [TestCase(RunStatus.Running)]
    [TestCase(RunStatus.Scheduled)]
    [TestCase((RunStatus)77)]
    public void A_run_does_not_end_as_running(RunStatus status)
    {
        using var run = _tracker.StartRun();

        Assert.That(() => run.End(status), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await run.EndAsync(status), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => run.LogMetric("m", 1), Throws.Nothing);
    }

    [Test]
    public void Nothing_is_logged_after_the_end()
    {
        var run = _tracker.StartRun();
        run.LogMetric("known", 1).LogParam("known", 1).End();

        Action[] calls =
        [
            () => run.LogMetric("known", 1), () => run.LogMetric("new", 1), () => run.LogMetrics(("m", 1)),
            () => run.LogMetrics(new Dictionary<string, double> { ["m"] = 1 }),
            () => run.LogParam("p", 1), () => run.LogParam("known", 1), () => run.LogParams(new { p = 1 }), () => run.LogParams(("p", 1)),
            () => run.SetTag("t", 1), () => run.SetTags(("t", 1)), () => run.DeleteTag("t"), () => run.SetDescription("d"),
            () => run.LogText("a.txt", "x"), () => run.LogJson("a.json", new { a = 1 }),
            () => run.LogTable("t.json", ["c"], [[1]]),
        ];
        Assert.Multiple(() =>
        {
            foreach (var call in calls)
            {
                Assert.That(call, Throws.TypeOf<InvalidOperationException>().With.Message.Contains(run.Id).And.Message.Contains("has ended"));
            }
        });
    }

    [Test]
    public async Task Eight_threads_log_to_one_run()
    {
        const int Threads = 8;
        const int Each = 2000;
        using var run = _tracker.StartRun();
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                run.LogMetric("shared", i, (number * Each) + i).LogMetric($"own/{number}", i, i);
                if (i % 100 == 0)
                {
                    run.LogParam($"p.{number}.{i}", i).SetTag("last", number);
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        var report = await run.EndAsync();

        var steps = await _tracker.Runs.GetMetricHistoryAsync(run.Id, "shared").Select(point => point.Step).ToListAsync();
        var own = await _tracker.Runs.GetMetricHistoryAsync(run.Id, "own/3").Select(point => (int)point.Step).ToListAsync();
        Assert.Multiple(() =>
        {
            Assert.That(report.Delivered, Is.EqualTo((Threads * Each * 2) + (Threads * Each / 100 * 2) + 1));
            Assert.That(report.Pending + report.Rejected, Is.Zero);
            Assert.That(steps.Order(), Is.EqualTo(Enumerable.Range(0, Threads * Each).Select(i => (long)i)));
            Assert.That(own, Is.EqualTo(Enumerable.Range(0, Each)), "in the order of their thread");
        });
    }

    [Test]
    public async Task A_flush_that_was_cancelled_loses_nothing()
    {
        using var run = _tracker.StartRun();
        run.LogMetric("m", 1);

        Assert.That(async () => await _tracker.FlushAsync(new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await run.EndAsync(new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());

        await _tracker.FlushAsync();
        var stored = await _tracker.Runs.GetAsync(run.Id);
        Assert.That(stored.Metrics, Has.Count.EqualTo(1));
        Assert.That(stored.Status, Is.EqualTo(RunStatus.Finished));
    }

    [Test]
    public async Task A_start_that_was_cancelled_leaves_no_run()
    {
        using (_tracker.StartRun(experiment: "e"))
        {
        }

        Assert.That(
            async () => await _tracker.StartRunAsync(experiment: "e", cancellationToken: new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        await _tracker.FlushAsync();

        Assert.That(await _tracker.Runs.SearchAsync("e").CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task The_id_is_there_at_once()
    {
        using var run = _tracker.StartRun();

        Assert.That(run.HasId);
        Assert.That(await run.GetIdAsync(), Is.EqualTo(run.Id).And.Match("^[0-9a-f]{32}$"));
        Assert.That(run.Url, Is.Null);
        Assert.That(run.Name, Is.Not.Empty);
    }

    private sealed record Settings(double Rate, bool Enabled);

    private sealed record Options(double Rate, Inner? Inner);

    private sealed record Inner(bool Fast);
}
