using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>From every kind of store into every other, and what names and deletions do there.</summary>
internal sealed class StorePairTests
{
    private static readonly SyncOptions Everything = new() { IncludeDeleted = true };

    private SyncStand _stand = null!;

    [SetUp]
    public void MakeStand() => _stand = new SyncStand();

    [TearDown]
    public void RemoveStand() => _stand.Dispose();

    private static Task<FakeServer> StartAsync(StoreSemantics semantics, string version) => FakeServer.StartAsync(
        new FakeServerOptions { Semantics = semantics, Version = version, DownloadsNonAsciiNames = true });

    [Test]
    public async Task From_one_server_to_another_the_fixture_stays_what_MLflow_reads(
        [Values("3.11.1", "2.17.0")] string sourceVersion,
        [Values] StoreSemantics sourceStore,
        [Values("3.11.1", "2.17.0")] string targetVersion,
        [Values] StoreSemantics targetStore)
    {
        await using var one = await StartAsync(sourceStore, sourceVersion);
        await using var other = await StartAsync(targetStore, targetVersion);
        var (source, target) = (_stand.Open(one.Url.AbsoluteUri), _stand.Open(other.Url.AbsoluteUri));
        await source.SyncFromAsync(_stand.OpenFixture(), Everything);

        var first = await target.SyncFromAsync(source, Everything);
        var second = await target.SyncFromAsync(source, Everything);
        var back = await source.SyncFromAsync(target, Everything);

        var asDatabase = sourceStore == StoreSemantics.Sql || targetStore == StoreSemantics.Sql;
        AssertComplete(first);
        AssertComplete(back);
        Assert.That(second.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(back.Copied.MetricPoints, Is.Zero);
        Assert.That(await StoreText.OfAsync(target, asDatabase), Is.EqualTo(StoreText.OfExpected(asDatabase)));
        Assert.That(one.State.Runs, Has.Count.EqualTo(other.State.Runs.Count));
    }

    [Test]
    public async Task Ten_more_points_are_ten_points_between_servers(
        [Values] StoreSemantics sourceStore, [Values] StoreSemantics targetStore)
    {
        await using var one = await StartAsync(sourceStore, "3.11.1");
        await using var other = await StartAsync(targetStore, "3.11.1");
        var (source, target) = (_stand.Open(one.Url.AbsoluteUri), _stand.Open(other.Url.AbsoluteUri));
        string id;
        using (var run = source.StartRun("a run", "trees"))
        {
            id = run.Id;
            Log(run, 0, 20);
        }

        await source.FlushAsync();
        await target.SyncFromAsync(source);
        using (var run = source.StartRun(runId: id))
        {
            Log(run, 20, 10);
        }

        await source.FlushAsync();
        var third = await target.SyncFromAsync(source);

        Assert.That(third.Copied, Is.EqualTo(new SyncCounts { MetricPoints = 10 }));
        Assert.That(other.State.GetHistory(other.State.Runs.Single().Id, "loss"), Has.Count.EqualTo(30));

        static void Log(Run run, int from, int count)
        {
            for (var step = from; step < from + count; step++)
            {
                run.LogMetric("loss", step, step);
            }
        }
    }

    /// <summary>MLflow's names tell cases apart.</summary>
    [Test]
    public async Task Experiments_whose_names_differ_in_case_only_stay_two()
    {
        var (source, target) = (_stand.OpenFolder("source"), _stand.OpenFolder("target"));
        await LogAsync(source, "Trees", "upper");
        await LogAsync(source, "trees", "lower");
        await LogAsync(target, "TREES", "own");

        AssertComplete(await target.SyncFromAsync(source));

        Assert.That(await NamesAsync(target, "Trees"), Is.EqualTo(["upper"]));
        Assert.That(await NamesAsync(target, "trees"), Is.EqualTo(["lower"]));
        Assert.That(await NamesAsync(target, "TREES"), Is.EqualTo(["own"]));
    }

    [Test]
    public async Task The_default_experiment_goes_to_the_default_experiment()
    {
        var (source, target) = (_stand.OpenFolder("source"), _stand.OpenFolder("target"));
        await LogAsync(source, "Default", "a run");
        await using var fake = await StartAsync(StoreSemantics.Sql, "3.11.1");
        var server = _stand.Open(fake.Url.AbsoluteUri);

        AssertComplete(await target.SyncFromAsync(source));
        AssertComplete(await server.SyncFromAsync(source));

        Assert.That((await target.Experiments.FindAsync("Default"))!.Id, Is.EqualTo("0"));
        Assert.That(await NamesAsync(target, "Default"), Is.EqualTo(["a run"]));
        Assert.That(fake.State.Runs.Single().ExperimentId, Is.EqualTo("0"));
    }

    [Test]
    public async Task A_deleted_experiment_of_the_same_name_in_the_target_is_left_alone_and_reported()
    {
        var (source, target) = (_stand.OpenFolder("source"), _stand.OpenFolder("target"));
        await LogAsync(source, "trees", "a run");
        await LogAsync(source, "bushes", "another");
        var there = await target.Experiments.CreateAsync("trees");
        await target.Experiments.DeleteAsync(there.Id);

        var report = await target.SyncFromAsync(source);

        Assert.That(report.Items.Single(item => item.Name == "trees").Outcome, Is.EqualTo(SyncOutcome.Conflict));
        Assert.That(report.Runs.Select(run => run.Outcome), Is.EquivalentTo([SyncOutcome.Conflict, SyncOutcome.Copied]));
        Assert.That((await target.Experiments.GetAsync(there.Id)).LifecycleStage, Is.EqualTo(LifecycleStage.Deleted));
    }

    [Test]
    public async Task Deleted_runs_and_experiments_come_along_only_when_they_are_asked_for([Values] bool isServer)
    {
        await using var fake = await StartAsync(StoreSemantics.Sql, "3.11.1");
        var source = _stand.OpenFolder("source");
        var target = isServer ? _stand.Open(fake.Url.AbsoluteUri) : _stand.OpenFolder("target");
        await LogAsync(source, "trees", "kept");
        await source.Runs.DeleteAsync(await LogAsync(source, "trees", "deleted"));
        await LogAsync(source, "gone", "in it");
        await source.Experiments.DeleteAsync((await source.Experiments.FindAsync("gone"))!.Id);

        var without = await target.SyncFromAsync(source);
        var with = await target.SyncFromAsync(source, Everything);
        var again = await target.SyncFromAsync(source, Everything);

        Assert.That(without.Runs.Select(run => run.Name), Is.EqualTo(["kept"]));
        AssertComplete(with);
        Assert.That(again.Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
        Assert.That(await StoreText.OfAsync(target), Is.EqualTo(await StoreText.OfAsync(source)));
    }

    [Test]
    public async Task A_store_is_not_copied_into_itself_whatever_it_is_called()
    {
        await using var fake = await StartAsync(StoreSemantics.Sql, "3.11.1");
        var server = _stand.Open(fake.Url.AbsoluteUri);
        var folder = _stand.OpenFolder("target");
        var path = _stand.Scratch["target"];
        foreach (var name in new[] { path + "/", path + "/../target", new Uri(path).AbsoluteUri })
        {
            Assert.That(async () => await folder.SyncFromAsync(name), Throws.ArgumentException, name);
        }

        Assert.That(async () => await server.SyncFromAsync(fake.Url.AbsoluteUri.TrimEnd('/')), Throws.ArgumentException);
    }

    private static async Task<string> LogAsync(Tracker tracker, string experiment, string name)
    {
        using var run = tracker.StartRun(name, experiment);
        run.LogMetric("loss", 1, 1).LogParam("p", 1);
        await run.EndAsync();
        return run.Id;
    }

    private static async Task<List<string>> NamesAsync(Tracker tracker, string experiment)
    {
        var names = new List<string>();
        await foreach (var run in tracker.Runs.SearchAsync(experiment))
        {
            names.Add(run.Name);
        }

        return names;
    }

    private static void AssertComplete(SyncReport report) => Assert.That(
        report.Items.Where(item => item.Outcome is SyncOutcome.Conflict or SyncOutcome.Failed)
            .Select(item => $"{item.Kind} {item.Name}: {item.Failure} {string.Join(' ', item.Conflicts)}"),
        Is.Empty);
}
