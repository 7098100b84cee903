namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>Processes that write to one folder at the same time.</summary>
internal sealed class SeveralProcessesTests
{
    private const int Points = 20_000;

    [Test]
    public async Task Processes_that_log_to_one_run_lose_and_double_nothing()
    {
        using var scratch = new ScratchFolder();
        var folder = scratch["mlruns"];
        string id;
        using (var tracker = StoredRun.Open(folder))
        {
            using var run = tracker.StartRun("shared");
            id = run.Id;
        }

        // Two of them even to the same key.
        string[] keys = ["same", "same", "own"];
        var children = keys.Select(key => ChildProcess.Start("log-some", folder, id, key, $"{Points}")).ToList();
        RunThrough(children);

        using var reader = StoredRun.Open(folder);
        var same = await StoredRun.StepsAsync(reader, id, "same");
        Assert.That(same, Has.Count.EqualTo(2 * Points));
        Assert.That(same.Order().Chunk(2), Is.EqualTo(Enumerable.Range(1, Points).Select(step => new long[] { step, step })));
        Assert.That(await StoredRun.StepsAsync(reader, id, "own"), Is.EqualTo(Enumerable.Range(1, Points)));
        Assert.That((await reader.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Finished));
        Assert.That(StoredRun.Journals(folder), Is.Empty);
    }

    [Test]
    public async Task Processes_that_log_to_runs_of_their_own_in_one_folder_lose_and_double_nothing()
    {
        using var scratch = new ScratchFolder();
        var folder = scratch["mlruns"];
        var children = Enumerable.Range(0, 3).Select(_ => ChildProcess.Start("log-some", folder, "-", "key", $"{Points}")).ToList();
        var ids = children.ConvertAll(child => child.WaitFor("run"));
        RunThrough(children);

        using var reader = StoredRun.Open(folder);
        foreach (var id in ids)
        {
            Assert.That(await StoredRun.StepsAsync(reader, id, "key"), Is.EqualTo(Enumerable.Range(1, Points)));
            Assert.That((await reader.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Finished));
        }

        Assert.That(StoredRun.Journals(folder), Is.Empty);
    }

    /// <summary>A process that stands still keeps the lock on its journal, and with it what is in it.</summary>
    [Test]
    public async Task A_suspended_process_is_not_taken_for_a_dead_one_and_goes_on_where_it_stood()
    {
        using var scratch = new ScratchFolder();
        var folder = scratch["mlruns"];
        using var child = ChildProcess.Start("log-some", folder, "-", "key", $"{Points}");
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Suspend();
        var held = StoredRun.Journals(folder);
        using (var other = StoredRun.Open(folder))
        {
            await other.StartRun("meanwhile").EndAsync();
            await other.FlushAsync();
            Assert.That(StoredRun.StatusInFolder(folder, id), Is.EqualTo(RunStatus.Running));
        }

        Assert.That(StoredRun.Journals(folder), Is.EqualTo(held).And.Not.Empty);
        child.Say("go");
        child.Resume();
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);

        using var reader = StoredRun.Open(folder);
        Assert.That(await StoredRun.StepsAsync(reader, id, "key"), Is.EqualTo(Enumerable.Range(1, Points)));
        Assert.That((await reader.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Finished));
        Assert.That(StoredRun.Journals(folder), Is.Empty);
    }

    private static void RunThrough(List<ChildProcess> children)
    {
        try
        {
            children.ForEach(child => child.WaitFor("ready"));
            children.ForEach(child => child.Say("go"));
            children.ForEach(child => Assert.That(child.WaitForEnd().ExitCode, Is.Zero));
        }
        finally
        {
            children.ForEach(child => child.Dispose());
        }
    }
}
