using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>Runs are copied side by side, and nobody sees it but by the clock.</summary>
internal sealed class ParallelSyncTests
{
    private SyncStand _stand = null!;
    private Tracker _source = null!;

    [SetUp]
    public void MakeStand()
    {
        _stand = new SyncStand();
        _source = _stand.OpenFolder("source");
    }

    [TearDown]
    public void RemoveStand()
    {
        _source.Dispose();
        _stand.Dispose();
    }

    private FailingBackend OpenFailing()
        => new(new FileBackend(_stand.Scratch["target"], FolderAddressing.PlainPath, TimeProvider.System, NullLogger.Instance));

    private async Task<List<string>> LogFamilyAsync(int children)
    {
        var names = new List<string> { "parent" };
        using var parent = _source.StartRun("parent", "trees");
        for (var i = 0; i < children; i++)
        {
            names.Add($"child-{i}");
            using var child = parent.StartChild($"child-{i}");
            child.LogMetric("loss", i);
        }

        await parent.EndAsync();
        await _source.FlushAsync();
        return names;
    }

    [TestCase(1)]
    [TestCase(4)]
    public async Task As_many_runs_are_under_way_at_once_as_the_option_says(int parallel)
    {
        await LogFamilyAsync(12);
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions());
        var server = _stand.Open(fake.Url.AbsoluteUri);
        var together = new Together(parallel);
        fake.Interceptor = async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/runs/update", StringComparison.Ordinal))
            {
                await together.MeetAsync();
            }

            return false;
        };

        // The parent comes first, and alone.
        together.IsOpen = true;
        await server.SyncFromAsync(_source, new SyncOptions { Filter = "attributes.run_name = 'parent'" });
        together.IsOpen = false;
        var report = await server.SyncFromAsync(_source, new SyncOptions { MaxParallelRuns = parallel });

        Assert.That(report.IsComplete);
        Assert.That(together.Most, Is.EqualTo(parallel));
    }

    [Test]
    public async Task The_report_has_the_runs_as_they_started_and_children_have_their_parents()
    {
        var names = await LogFamilyAsync(20);
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions());
        var server = _stand.Open(fake.Url.AbsoluteUri);
        var done = new List<int>();

        var report = await server.SyncFromAsync(
            _source, new SyncOptions { MaxParallelRuns = 8 }, new Listener(progress => done.Add(progress.RunsDone)));

        Assert.That(report.Runs.Select(run => run.Name), Is.EqualTo(names));
        Assert.That(report.Runs.Select(run => run.Outcome), Is.All.EqualTo(SyncOutcome.Copied));
        Assert.That(done, Is.Ordered);
        Assert.That(done[^1], Is.EqualTo(names.Count));
        var parent = fake.State.Runs.Single(run => run.Name == "parent");
        Assert.That(
            fake.State.Runs.Where(run => run != parent).Select(run => run.Tags["mlflow.parentRunId"]), Is.All.EqualTo(parent.Id));
    }

    [Test]
    public async Task Runs_that_are_each_others_parents_are_copied_all_the_same()
    {
        string first, second;
        using (var run = _source.StartRun("first", "trees"))
        {
            first = run.Id;
        }

        using (var run = _source.StartRun("second", "trees", new Dictionary<string, string> { ["mlflow.parentRunId"] = first }))
        {
            second = run.Id;
        }

        using (var run = _source.StartRun("itself", "trees"))
        {
            run.SetTag("mlflow.parentRunId", run.Id);
        }

        using (var run = _source.StartRun(runId: first))
        {
            run.SetTag("mlflow.parentRunId", second);
        }

        var report = await _stand.OpenFolder("target").SyncFromAsync(_source);

        Assert.That(report.IsComplete);
        Assert.That(report.Runs.Count(), Is.EqualTo(3));
    }

    /// <param name="parallel">How many runs are copied at once.</param>
    /// <param name="most">
    /// How many are tried at most: five that go well, and in a row as many more as are copied at once and two; side by side each of the five
    /// may end between others that fail.
    /// </param>
    [TestCase(1, 5 + 3)]
    [TestCase(4, 5 + (6 * 6))]
    public async Task A_store_that_goes_away_ends_the_sync_after_some_runs_and_the_next_one_finishes(int parallel, int most)
    {
        await LogFamilyAsync(50);
        var backend = OpenFailing();
        var target = _stand.Open(_stand.Scratch["target"], _ => backend);
        var asked = 0;
        backend.CreationFault = () => Interlocked.Increment(ref asked) > 5
            ? new ModelTrackException(ErrorCode.TemporarilyUnavailable, "It is away.") { IsTransient = true }
            : null;

        Assert.That(
            async () => await target.SyncFromAsync(_source, new SyncOptions { MaxParallelRuns = parallel }),
            Throws.InstanceOf<ModelTrackException>().With.Message.Contains("away"));
        backend.CreationFault = () => null;
        var report = await target.SyncFromAsync(_source);

        Assert.That(asked, Is.LessThanOrEqualTo(most));
        Assert.That(report.IsComplete);
        Assert.That(report.Runs.Count(), Is.EqualTo(51));
        Assert.That(await StoreText.OfAsync(target), Is.EqualTo(await StoreText.OfAsync(_source)));
    }

    [Test]
    public async Task Two_syncs_at_once_into_one_target_make_one_copy_of_each_run([Values] bool isServer)
    {
        await LogFamilyAsync(10);
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions());
        var uri = isServer ? fake.Url.AbsoluteUri : _stand.Scratch["target"];
        var (first, second) = (_stand.Open(uri), _stand.Open(uri));

        var reports = await Task.WhenAll(
            Task.Run(() => first.SyncFromAsync(_stand.Scratch["source"])), Task.Run(() => second.SyncFromAsync(_stand.Scratch["source"])));

        Assert.That(reports.Select(report => report.IsComplete), Is.All.True);
        Assert.That(reports.Sum(report => report.Count(SyncItemKind.Run, SyncOutcome.Copied)), Is.EqualTo(11));
        Assert.That(await StoreText.OfAsync(first, withHashes: true), Is.EqualTo(await StoreText.OfAsync(_source, withHashes: true)));
        var copies = 0;
        await foreach (var run in first.Runs.SearchAsync("trees"))
        {
            copies++;
        }

        Assert.That(copies, Is.EqualTo(11));
        Assert.That(!isServer || fake.State.Runs.Count == 11);
        Assert.That(Directory.Exists(_stand.Scratch["target"]) && File.Exists(_stand.Scratch["target/.modeltrack-sync.lock"]), Is.False);
    }

    [Test]
    public async Task The_first_mistake_of_the_program_ends_all_and_is_thrown()
    {
        await LogFamilyAsync(12);
        var failing = OpenFailing();
        failing.FailAt = 9;
        var target = _stand.Open(_stand.Scratch["target"], _ => failing);

        Assert.That(async () => await target.SyncFromAsync(_source), Throws.InstanceOf<TimeoutException>());
        var writes = failing.Writes;
        Assert.That(writes, Is.LessThan(9 + 12));
        Assert.That((await target.SyncFromAsync(_source)).IsComplete);
    }

    [Test]
    public void A_number_of_runs_that_makes_no_sense_is_refused([Values(0, 65)] int parallel) => Assert.That(
        async () => await _stand.OpenFolder("target").SyncFromAsync(_source, new SyncOptions { MaxParallelRuns = parallel }),
        Throws.ArgumentException.With.Message.Contains("MaxParallelRuns"));

    /// <summary>Lets nobody through until so many are there at once; says what the most was.</summary>
    private sealed class Together(int most)
    {
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _here;

        public bool IsOpen { get; set; }

        public int Most { get; private set; }

        public async Task MeetAsync()
        {
            if (IsOpen)
            {
                return;
            }

            lock (_met)
            {
                _here++;
                Most = Math.Max(Most, _here);
                if (_here == most)
                {
                    _met.TrySetResult();
                }
            }

            await _met.Task.WaitAsync(TimeSpan.FromSeconds(30));
            lock (_met)
            {
                _here--;
            }
        }
    }

    private sealed class Listener(Action<SyncProgress> report) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => report(value);
    }
}
