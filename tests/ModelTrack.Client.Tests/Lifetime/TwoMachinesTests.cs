using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>One run, gone on with from two machines, each of which has a place of its own for journals.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TwoMachinesTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    private string Folder => _scratch["mlruns"];

    public void Dispose() => _scratch.Dispose();

    [Test]
    public async Task When_the_one_that_began_it_dies_the_run_goes_on_and_the_other_ends_it()
    {
        using var first = ChildProcess.Start("exit-on-word", Folder, _scratch["first"], "30", "1");
        var id = first.WaitFor("run");
        first.WaitFor("ready");
        using var second = Open("second");
        var run = second.StartRun(runId: id);
        first.Kill();

        await DeliverAsync("first");
        var stored = await second.Runs.GetAsync(id);
        Assert.That((stored.Status, stored.Metrics["loss"].Value), Is.EqualTo((RunStatus.Running, 1.0)));
        run.LogMetric("second", 1);
        await run.EndAsync();
        stored = await second.Runs.GetAsync(id);
        Assert.That((stored.Status, stored.Metrics["second"].Value), Is.EqualTo((RunStatus.Finished, 1.0)));
    }

    [Test]
    public async Task When_the_one_that_went_on_with_it_last_dies_the_run_has_failed_until_the_other_ends_it()
    {
        using var first = Open("first");
        var run = first.StartRun();
        using var second = ChildProcess.Start("resume", Folder, run.Id, _scratch["second"]);
        second.WaitFor("ready");
        second.Kill();

        await DeliverAsync("second");
        var stored = await first.Runs.GetAsync(run.Id);
        Assert.That((stored.Status, stored.Metrics["resumed"].Value), Is.EqualTo((RunStatus.Failed, 1.0)));
        run.LogMetric("first", 1);
        await run.EndAsync();
        stored = await first.Runs.GetAsync(run.Id);
        Assert.That((stored.Status, stored.Metrics["first"].Value), Is.EqualTo((RunStatus.Finished, 1.0)));
    }

    /// <summary>Asked where the locks of a file system exclude nobody.</summary>
    [Test]
    public void A_process_is_told_from_a_later_one_with_its_id_by_its_start_and_the_machines()
    {
        var mine = JournalOwner.Create(Folder, TimeProvider.System);
        Assert.That(mine.IsAlive);
        Assert.That((mine with { ProcessStart = mine.ProcessStart - 10_000 }).IsAlive, Is.False);
        Assert.That((mine with { Machine = "another", Boot = "another" }).IsAlive, Is.False);
        Assume.That(mine.Boot, Is.Not.Empty, "This system tells no boot id.");
        Assert.That((mine with { Boot = "before the machine was started anew" }).IsAlive, Is.False);
    }

    private Tracker Open(string machine)
        => new(new TrackerOptions { TrackingUri = Folder, CaptureContext = false, JournalDirectory = _scratch[machine] });

    private async Task DeliverAsync(string machine)
    {
        using (var tracker = Open(machine))
        {
            Assert.That((await tracker.FlushAsync()).Pending, Is.Zero);
        }

        Assert.That(Directory.GetFileSystemEntries(_scratch[machine]), Is.Empty);
    }
}
