namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>Trackers of one process for one folder.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SeveralTrackersTests : IDisposable
{
    private const int Points = 5000;

    private readonly ScratchFolder _scratch = new();

    private string Folder => _scratch["mlruns"];

    public void Dispose() => _scratch.Dispose();

    [Test]
    public async Task One_that_closes_leaves_alone_what_is_logged_to_the_other()
    {
        using var first = StoredRun.Open(Folder);
        using var second = StoredRun.Open(Folder);
        var ended = first.StartRun("ended by its tracker");
        var run = second.StartRun("goes on");
        for (var step = 1; step <= Points; step++)
        {
            run.LogMetric("loss", step, step);
            if (step == Points / 2)
            {
                ended.LogMetric("loss", 1);
                first.Dispose();
            }
        }

        Assert.That((await second.Runs.GetAsync(run.Id)).Status, Is.EqualTo(RunStatus.Running));
        var report = await run.EndAsync();
        Assert.That((report.Delivered, report.Rejected), Is.EqualTo((Points + 1, 0)));
        Assert.That(await StoredRun.StepsAsync(second, run.Id, "loss"), Is.EqualTo(Enumerable.Range(1, Points)));
        Assert.That((await second.Runs.GetAsync(ended.Id)).Status, Is.EqualTo(RunStatus.Finished));
    }

    [Test]
    public async Task Two_that_go_on_with_one_run_both_log_to_it_and_the_end_that_comes_last_counts()
    {
        using var first = StoredRun.Open(Folder);
        using var second = StoredRun.Open(Folder);
        var one = first.StartRun();
        var other = second.StartRun(runId: one.Id);
        for (var step = 1; step <= Points; step++)
        {
            one.LogMetric("one", step, step);
            other.LogMetric("other", step, step);
        }

        await one.EndAsync();
        Assert.That((await second.Runs.GetAsync(one.Id)).Status, Is.EqualTo(RunStatus.Finished));
        other.LogMetric("after", 1);
        await other.EndAsync(RunStatus.Failed);
        var stored = await second.Runs.GetAsync(one.Id);
        Assert.That((stored.Status, stored.Metrics["after"].Value), Is.EqualTo((RunStatus.Failed, 1.0)));
        Assert.That(await StoredRun.StepsAsync(second, one.Id, "one"), Is.EqualTo(Enumerable.Range(1, Points)));
        Assert.That(await StoredRun.StepsAsync(second, one.Id, "other"), Is.EqualTo(Enumerable.Range(1, Points)));
    }

    [Test]
    public async Task One_that_is_opened_while_another_one_closes_is_not_held_up_by_it_and_takes_nothing_from_it()
    {
        var closing = StoredRun.Open(Folder);
        var slow = closing.StartRun();
        Task closed;
        using (File.OpenHandle(Path.Combine(Folder, "0", slow.Id, ".modeltrack.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            slow.LogMetric("loss", 1);
            closed = Task.Factory.StartNew(closing.Dispose, default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            using var opened = StoredRun.Open(Folder);
            var run = opened.StartRun();
            run.LogMetric("loss", 2);
            await run.EndAsync();
            await opened.FlushAsync();
            Assert.That((await opened.Runs.GetAsync(run.Id)).Metrics["loss"].Value, Is.EqualTo(2));
            Assert.That((await opened.Runs.GetAsync(slow.Id)).Status, Is.EqualTo(RunStatus.Running));
            Assert.That(closed.IsCompleted, Is.False);
        }

        await closed;
        using var reader = StoredRun.Open(Folder);
        var stored = await reader.Runs.GetAsync(slow.Id);
        Assert.That((stored.Status, stored.Metrics["loss"].Value), Is.EqualTo((RunStatus.Finished, 1.0)));
        Assert.That(StoredRun.Journals(Folder), Is.Empty);
    }
}
