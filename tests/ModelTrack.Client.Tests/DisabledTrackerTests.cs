namespace ModelTrack.Client.Tests;

internal sealed class DisabledTrackerTests
{
    [Test]
    public async Task A_disabled_tracker_takes_every_call_and_keeps_nothing()
    {
        var tracker = Tracker.Disabled;
        using var run = tracker.StartRun("name", "experiment", new Dictionary<string, string> { ["a"] = "b" }, "description", "some-id");
        run.LogParam("p", 1).LogParam("p", 2).LogParams(new { p = 3 }).LogParams(("a", 1), ("a/b", 2))
            .LogMetric("m", 1).LogMetrics(("a", 1)).LogMetrics(new Dictionary<string, double> { ["x"] = 1 }).LogMetrics([("x", 1d)], step: 2)
            .SetTag("t", 1).SetTags(("t", 1)).SetTags(new Dictionary<string, string> { ["x"] = "1" }).DeleteTag("t").SetDescription("d")
            .LogArtifact("/no/such/file").LogArtifacts("/no/such/folder").LogArtifact([1, 2], "a.bin").LogArtifact(new MemoryStream(), "b.bin")
            .LogText("t.txt", "t").LogJson("j.json", new { a = 1 }).LogTable("t.json", ["c"], [[1]]).LogImage([1, 2, 3], "k");
        using (var child = run.StartChild("c"))
        {
            child.LogMetric("m", 1);
        }

        using var other = await run.StartChildAsync();
        run.Fail(new InvalidOperationException());
        run.LogMetric("m", 2);
        var report = await run.EndAsync();
        var result = await tracker.RunAsync("r", (r, _) => Task.FromResult(r.HasId));
        tracker.Run("r", r => { });
        await using (tracker)
        {
        }

        tracker.Dispose();
        using var again = await tracker.StartRunAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(report, Is.EqualTo(new DeliveryReport { Rejections = report.Rejections }));
            Assert.That(result, Is.False);
            Assert.That(run.HasId, Is.False);
            Assert.That((await tracker.FlushAsync()).Accepted, Is.Zero);
            Assert.That(await tracker.Runs.SearchAsync("Default").CountAsync(), Is.Zero);
        });
    }

    [Test]
    public void A_run_of_a_disabled_tracker_has_no_id()
    {
        using var run = Tracker.Disabled.StartRun();

        Assert.That(() => run.Id, Throws.TypeOf<InvalidOperationException>().With.Message.Contains("Disabled"));
        Assert.That(async () => await run.GetIdAsync(), Throws.TypeOf<InvalidOperationException>());
        Assert.That(run.Url, Is.Null);
    }

    [Test]
    public void Code_in_a_run_of_a_disabled_tracker_still_throws()
    {
        Assert.That(() => Tracker.Disabled.Run("r", _ => throw new FormatException()), Throws.TypeOf<FormatException>());
    }
}
