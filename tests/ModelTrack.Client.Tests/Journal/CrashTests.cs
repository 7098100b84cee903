using System.Globalization;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Tests.Lifetime;

namespace ModelTrack.Client.Tests.Journal;

/// <summary>
/// Processes that log as fast as they can are killed at random moments. After adoption everything whose call had returned is stored,
/// exactly once. <c>MODELTRACK_CRASH_KILLS=500</c> runs the long form; <c>MODELTRACK_CRASH_SEED</c> repeats the moments of another run.
/// </summary>
[Platform("Linux,MacOsX")]
internal sealed class CrashTests
{
    private const int SmallSegment = 1 << 16;
    private const int OrdinarySegment = 4 << 20;
    private const int Shares = 25;
    private const int KillsOfShortForm = 12;

    private static readonly int Kills = Number("MODELTRACK_CRASH_KILLS") ?? KillsOfShortForm;

    [Test]
    public Task A_process_killed_while_it_logs_loses_nothing() =>
        ForEachKill(share: 8, kills: 1, async random =>
        {
            using var victim = new CrashVictim(OrdinarySegment, hasJournalFolder: random.Next(2) == 0);
            victim.WaitForRun();
            await KillWithin(victim.Child, random, 400);
            await victim.VerifyAsync();
        });

    [Test]
    public Task A_process_killed_while_segments_change_loses_nothing() =>
        ForEachKill(share: 7, kills: 1, async random =>
        {
            using var victim = new CrashVictim(SmallSegment, hasJournalFolder: random.Next(2) == 0);
            victim.WaitForRun();
            await KillWithin(victim.Child, random, 300);
            await victim.VerifyAsync();
        });

    [Test]
    public Task A_process_killed_while_it_starts_leaves_nothing_in_the_way() =>
        ForEachKill(share: 3, kills: 1, async random =>
        {
            using var victim = new CrashVictim(OrdinarySegment);
            await KillWithin(victim.Child, random, 200);
            await victim.VerifyAsync();
        });

    [Test]
    public Task Processes_killed_while_they_adopt_lose_nothing() =>
        ForEachKill(share: 6, kills: 3, async random =>
        {
            using var victim = new CrashVictim(random.Next(2) == 0 ? SmallSegment : OrdinarySegment, hasJournalFolder: random.Next(2) == 0);
            victim.WaitForRun();
            using (HoldRunLock(victim))
            {
                // Nothing is delivered, so that there is something to adopt.
                await WaitUntil(() => victim.PointsPromised >= 300_000);
                victim.Child.Kill();
            }

            for (var i = 0; i < 2; i++)
            {
                using var adopter = victim.StartAdopter();
                adopter.WaitFor("ready");
                await KillWithin(adopter, random, 150);
            }

            await victim.VerifyAsync();
        });

    [Test]
    public Task A_process_killed_with_a_hundred_thousand_records_pending_loses_nothing() =>
        ForEachKill(share: 1, kills: 1, async random =>
        {
            using var victim = new CrashVictim(OrdinarySegment);
            victim.WaitForRun();
            long promised;
            using (HoldRunLock(victim))
            {
                await WaitUntil(() => victim.PointsPromised >= 200_000);
                victim.Child.Kill();
                promised = victim.PointsPromised;
            }

            var stored = Directory.Exists(victim.RunFolder + "/metrics")
                ? Directory.GetFiles(victim.RunFolder + "/metrics", "index", SearchOption.AllDirectories).Sum(path => File.ReadLines(path).LongCount())
                : 0;
            Assert.That(promised - stored, Is.GreaterThanOrEqualTo(100_000));
            await victim.VerifyAsync();
        });

    /// <summary>The lock of the run's folder: who delivers waits for it.</summary>
    private static FolderLock HoldRunLock(CrashVictim victim) => FolderLock.Acquire(victim.RunFolder, TimeProvider.System, CancellationToken.None);

    private static Task KillWithin(ChildProcess child, Random random, int milliseconds) =>
        Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * milliseconds)).ContinueWith(_ => child.Kill(), TaskScheduler.Default);

    private static async Task WaitUntil(Func<bool> condition)
    {
        for (var left = 3000; !condition(); left--)
        {
            Assert.That(left, Is.Positive, "It took too long.");
            await Task.Delay(10);
        }
    }

    /// <param name="share">How many of <see cref="Shares"/> kills are this scenario's.</param>
    /// <param name="kills">How often the scenario kills.</param>
    /// <param name="scenario">One victim.</param>
    private static async Task ForEachKill(int share, int kills, Func<Random, Task> scenario)
    {
        var times = Math.Max(1, share * Kills / Shares / kills);
        var first = Number("MODELTRACK_CRASH_SEED") ?? Environment.TickCount;
        for (var i = 0; i < times; i++)
        {
            try
            {
                await scenario(new Random(first + i));
            }
            catch (Exception e)
            {
                Assert.Fail($"With MODELTRACK_CRASH_SEED={first + i}: {e}");
            }
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
