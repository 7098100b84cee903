namespace ModelTrack.Client.Tests;

/// <summary>In a folder of runs keys are file paths: <c>a</c> and <c>a/b</c> exclude each other, at the call.</summary>
internal sealed class PathKeyTests
{
    private StoreUnderTest _store = null!;
    private Tracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _store = new StoreUnderTest(StoreKind.Folder);
        _tracker = _store.Open();
    }

    [TearDown]
    public void TearDown()
    {
        _tracker.Dispose();
        _store.Dispose();
    }

    [TestCase("a", "a/b")]
    [TestCase("a/b", "a")]
    [TestCase("x/y", "x/y/z/w")]
    [TestCase("x/y/z/w", "x/y")]
    public async Task A_key_that_is_a_folder_of_another_is_refused(string first, string second)
    {
        using var run = _tracker.StartRun();
        run.LogMetric(first, 1).LogParam(first, 1).SetTag(first, 1);

        CheckRefusals(run, first, second);
        var report = await run.EndAsync();

        var stored = await _tracker.Runs.GetAsync(run.Id);
        Assert.Multiple(() =>
        {
            Assert.That(report.Rejected, Is.Zero);
            Assert.That(stored.Metrics.Keys, Is.EqualTo(new[] { first }));
            Assert.That(stored.Params.Keys, Is.EqualTo(new[] { first }));
            Assert.That(stored.Tags, Does.Not.ContainKey(second));
        });
    }

    [TestCase("a", "a/b")]
    [TestCase("a/b", "a")]
    public async Task So_it_is_after_the_run_was_resumed(string first, string second)
    {
        var run = _tracker.StartRun();
        await run.LogMetric(first, 1).LogParam(first, 1).SetTag(first, 1).EndAsync();

        using var tracker = _store.Open();
        using var resumed = tracker.StartRun(runId: run.Id);

        CheckRefusals(resumed, first, second);
    }

    [TestCase("a", "a/b")]
    [TestCase("a/b", "a")]
    public async Task Two_of_one_call_that_exclude_each_other_are_both_refused(string first, string second)
    {
        using var run = _tracker.StartRun();
        var before = _store.Files();
        Assert.Multiple(() =>
        {
            Assert.That(() => run.LogMetrics((first, 1), (second, 1)), Throws.ArgumentException);
            Assert.That(() => run.LogParams((first, 1), (second, 1)), Throws.ArgumentException);
            Assert.That(() => run.SetTags((first, 1), (second, 1)), Throws.ArgumentException);
            Assert.That(() => _tracker.StartRun(tags: new Dictionary<string, string> { [first] = "", [second] = "" }), Throws.ArgumentException);
        });
        await _tracker.FlushAsync();

        Assert.That(_store.Files(), Is.EqualTo(before));
        Assert.That(() => run.LogMetric(second, 1).LogParam(second, 1).SetTag(second, 1), Throws.Nothing, "nothing is remembered of what was refused");
    }

    [Test]
    public async Task A_resumption_with_a_tag_that_is_in_the_way_leaves_the_run_ended()
    {
        var run = _tracker.StartRun();
        await run.SetTag("a", 1).EndAsync();
        var before = _store.Files();

        Assert.That(
            () => _tracker.StartRun(runId: run.Id, tags: new Dictionary<string, string> { ["b"] = "1", ["a/b"] = "1" }), Throws.ArgumentException);
        await _tracker.FlushAsync();

        Assert.That(_store.Files(), Is.EqualTo(before));
        Assert.That((await _tracker.Runs.GetAsync(run.Id)).Status, Is.EqualTo(RunStatus.Finished));
    }

    [Test]
    public void Param_metric_and_tag_do_not_stand_in_each_others_way()
    {
        using var run = _tracker.StartRun();

        Assert.That(() => run.LogParam("a", 1).LogMetric("a/b", 1).SetTag("a/b/c", 1), Throws.Nothing);
    }

    private static void CheckRefusals(Run run, string first, string second)
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => run.LogMetric(second, 1), InTheWay("metric"));
            Assert.That(() => run.LogMetrics(("other", 1), (second, 1)), InTheWay("metric"));
            Assert.That(() => run.LogParam(second, 1), InTheWay("param"));
            Assert.That(() => run.LogParams(("other", 1), (second, 1)), InTheWay("param"));
            Assert.That(() => run.SetTag(second, 1), InTheWay("tag"));
            Assert.That(() => run.SetTags(("other", 1), (second, 1)), InTheWay("tag"));
        });

        NUnit.Framework.Constraints.IResolveConstraint InTheWay(string what) => Throws.ArgumentException
            .With.Message.Contains($"'{first}'").And.Message.Contains($"'{second}'").And.Message.Contains($"{what} keys");
    }
}
