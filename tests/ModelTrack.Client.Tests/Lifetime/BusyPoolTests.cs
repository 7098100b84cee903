using System.Globalization;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>Programs in which all threads of the pool are blocked for good, and no new ones may come.</summary>
[Parallelizable(ParallelScope.Children)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class BusyPoolTests : IDisposable
{
    private const int Points = 20_000;

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Test]
    public async Task Without_a_free_thread_of_the_pool_a_folder_gets_everything_all_the_same()
    {
        var folder = _scratch["mlruns"];
        using var child = ChildProcess.Start("starved", folder, "-", "30");
        Assert.That(Took(child, "started"), Is.LessThan(5000));
        Assert.That(Took(child, "logged"), Is.LessThan(1000));
        Assert.That(Took(child, "closed"), Is.LessThan(10_000));
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);

        Assert.That(StoredRun.Journals(folder), Is.Empty);
        await AssertStoredAsync(folder, null);
    }

    [Test]
    public async Task Without_a_free_thread_of_the_pool_no_call_waits_for_a_server_for_ever_and_the_next_process_delivers()
    {
        await using var server = await FakeServer.StartAsync();
        var journals = _scratch["journals"];
        using var child = ChildProcess.Start("starved", server.Url.OriginalString, journals, "1");
        Assert.That(Took(child, "started"), Is.InRange(900, 5000), "StartTimeout is one second.");
        Assert.That(Took(child, "logged"), Is.LessThan(1000));
        Assert.That(Took(child, "closed"), Is.LessThan(15_000), "ShutdownTimeout is one second, and five are for what hangs.");
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);

        await AssertStoredAsync(server.Url.OriginalString, journals);
        Assert.That(Directory.GetFileSystemEntries(journals), Is.Empty);
    }

    [Test]
    public void Without_a_free_thread_of_the_pool_a_signal_ends_the_program_and_its_run_is_killed_at_once()
    {
        var folder = _scratch["mlruns"];
        using var child = ChildProcess.Start("starved-until-signal", folder);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Signal(15);
        child.WaitForEnd();
        Assert.That(StoredRun.StatusInFolder(folder, id), Is.EqualTo(RunStatus.Killed));
    }

    private static int Took(ChildProcess child, string word) => int.Parse(child.WaitFor(word), CultureInfo.InvariantCulture);

    private static async Task AssertStoredAsync(string uri, string? journals)
    {
        using var tracker = new Tracker(new TrackerOptions { TrackingUri = uri, JournalDirectory = journals, CaptureContext = false });
        await tracker.FlushAsync();
        var run = await tracker.Runs.SearchAsync("Default").SingleAsync();
        Assert.That((run.Name, run.Status), Is.EqualTo(("starved", RunStatus.Finished)));
        Assert.That(await StoredRun.StepsAsync(tracker, run.Id, "loss"), Is.EqualTo(Enumerable.Range(1, Points)));
    }
}
