using ModelTrack.Client.Fakes;
using ModelTrack.Client.Tests.Lifetime;

namespace ModelTrack.Client.Tests.Sync;

/// <summary>A process that copies is killed again and again; the one that is let be makes the target equal to the source.</summary>
internal sealed class SyncKillTests
{
    private const int Kills = 3;
    private const int Runs = 12;
    private const int Points = 3_000;

    private SyncStand _stand = null!;

    [SetUp]
    public void MakeStand() => _stand = new SyncStand();

    [TearDown]
    public void RemoveStand() => _stand.Dispose();

    /// <param name="isServer">Whether the target is a server, which would keep a point twice that is sent twice.</param>
    [TestCase(false)]
    [TestCase(true)]
    public async Task A_sync_that_is_killed_at_random_moments_is_finished_by_the_next(bool isServer)
    {
        var source = await LogAsync();
        await using var fake = await FakeServer.StartAsync(new FakeServerOptions { Semantics = StoreSemantics.FileStore });
        var uri = isServer ? fake.Url.AbsoluteUri : _stand.Scratch["target"];
        using var target = _stand.Open(uri);
        var random = new Random(20251127);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var child = ChildProcess.Start("sync", uri, _stand.Scratch["source"]);
            child.WaitFor("ready");

            // So far as to have copied a little more each time, if it is let be.
            var goal = await CountAsync(target) + random.Next(1, Runs * Points / Kills);
            await WaitUntilAsync(async () => child.HasEnded || await CountAsync(target) >= goal);
            child.Kill();
        }

        using var last = ChildProcess.Start("sync", uri, _stand.Scratch["source"]);
        Assert.That(last.WaitFor("done"), Is.EqualTo("True"));
        last.WaitForEnd();
        var expected = await StoreText.OfAsync(source, withHashes: true);
        Assert.That(await StoreText.OfAsync(target, withHashes: true), Is.EqualTo(expected));
        Assert.That((await target.SyncFromAsync(source)).Items.Select(item => item.Outcome), Is.All.EqualTo(SyncOutcome.Unchanged));
    }

    private static async Task<long> CountAsync(Tracker target)
    {
        var points = 0L;
        if (await target.Experiments.FindAsync("trees") is null)
        {
            return points;
        }

        await foreach (var run in target.Runs.SearchAsync("trees"))
        {
            points += run.Metrics.Values.Sum(point => point.Step + 1);
        }

        return points;
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Delay(10);
        }
    }

    private async Task<Tracker> LogAsync()
    {
        var source = _stand.OpenFolder("source");
        string? parentId = null;
        for (var i = 0; i < Runs; i++)
        {
            using var run = source.StartRun(
                $"run-{i}", "trees", parentId is null ? null : new Dictionary<string, string> { ["mlflow.parentRunId"] = parentId });
            run.LogParam("i", i).SetTag("team", "oncology").LogText("notes.md", $"# Run {i}");
            for (var step = 0; step < Points; step++)
            {
                run.LogMetric("loss", i + (step / 7.0), step);
            }

            parentId ??= run.Id;
            await run.EndAsync();
        }

        return source;
    }
}
