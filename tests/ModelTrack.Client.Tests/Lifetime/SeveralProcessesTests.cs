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
        var same = await StepsAsync(reader, id, "same");
        Assert.That(same, Has.Count.EqualTo(2 * Points));
        Assert.That(same.Order().Chunk(2), Is.EqualTo(Enumerable.Range(1, Points).Select(step => new long[] { step, step })));
        Assert.That(await StepsAsync(reader, id, "own"), Is.EqualTo(Enumerable.Range(1, Points)));
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
            Assert.That(await StepsAsync(reader, id, "key"), Is.EqualTo(Enumerable.Range(1, Points)));
            Assert.That((await reader.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Finished));
        }

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

    private static async Task<List<long>> StepsAsync(Tracker tracker, string runId, string key)
    {
        var steps = new List<long>();
        await foreach (var point in tracker.Runs.GetMetricHistoryAsync(runId, key))
        {
            steps.Add(point.Step);
        }

        return steps;
    }
}
