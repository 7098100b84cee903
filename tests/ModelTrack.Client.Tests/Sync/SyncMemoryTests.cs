using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>What a sync holds does not grow with what it copies.</summary>
[NonParallelizable]
internal sealed class SyncMemoryTests
{
    private const int Points = 500_000;

    /// <summary>The points alone would take 12 MB if they were held, on either side.</summary>
    private const long MostBytes = 4_000_000;

    private SyncStand _stand = null!;

    [SetUp]
    public void MakeStand() => _stand = new SyncStand();

    [TearDown]
    public void RemoveStand() => _stand.Dispose();

    [Test]
    public async Task Half_a_million_points_are_copied_and_ten_more_found_without_being_held()
    {
        var source = _stand.OpenFolder("source");
        string id;
        using (var run = source.StartRun("long", "trees"))
        {
            id = run.Id;
            Log(run, 0, Points);
            await run.EndAsync();
        }

        var backend = new FailingBackend(
            new FileBackend(_stand.Scratch["target"], FolderAddressing.PlainPath, TimeProvider.System, NullLogger.Instance))
        {
            BatchSize = 1000,
        };
        var target = _stand.Open(_stand.Scratch["target"], _ => backend);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        var reads = 0;
        backend.OnBatch = () => Look(50);
        backend.OnPoint = () => Look(100_000);

        var first = await target.SyncFromAsync(source);
        var whileCopied = (most, reads);
        using (var run = source.StartRun(runId: id))
        {
            Log(run, Points, 10);

            // An older one too, so that they are not sorted.
            run.LogMetric("loss", -1, 3, DateTimeOffset.UnixEpoch);
            await run.EndAsync();
        }

        (most, reads) = (0, 0);
        var second = await target.SyncFromAsync(source);

        Assert.That((first.Copied.MetricPoints, second.Copied.MetricPoints), Is.EqualTo((Points, 11)));
        Assert.That(whileCopied.reads, Is.GreaterThanOrEqualTo(Points / 1000));
        Assert.That(reads, Is.GreaterThan(Points), "The points that are there are compared.");
        Assert.That(whileCopied.most, Is.LessThan(MostBytes));
        Assert.That(most, Is.LessThan(MostBytes));

        void Look(int every)
        {
            if (++reads % every == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }
    }

    private static void Log(Run run, int from, int count)
    {
        for (var step = from; step < from + count; step++)
        {
            run.LogMetric("loss", step / 8.0, step, DateTimeOffset.UnixEpoch.AddSeconds(step));
        }
    }
}
