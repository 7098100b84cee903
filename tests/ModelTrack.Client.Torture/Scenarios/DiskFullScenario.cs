using ModelTrack.Client.Fakes;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>The journals' disk is full again and again, and writers are killed: a call that throws has recorded nothing, and all others stay true.</summary>
internal sealed class DiskFullScenario : IScenario
{
    private const int Processes = 2;
    private const int Megabytes = 12;

    public string Name => "disk-full";

    public async Task<Outcome> RunAsync(TortureOptions options)
    {
        using var scratch = new ScratchFolder();
        using var disk = SmallDisk.TryMount(scratch.Folder("disk"), Megabytes);
        if (disk is null)
        {
            return new Outcome { Skipped = SmallDisk.WhyNone };
        }

        await using var place = await Place.ServerAsync(StoreSemantics.Sql, options.Seed);
        var ledgers = scratch.Folder("ledgers");
        var journals = Directory.CreateDirectory(Path.Combine(disk.Path, "journals")).FullName;
        var plan = new WriterPlan(place.TrackingUri, journals, ledgers, 0, 0, 4, Rate: 5000, 0, place.Experiment, LargestSegment: 1 << 18);
        var crowd = new Crowd(plan, options.Seed);
        var times = options.IsLong ? 100 : 8;
        var filling = FillAsync(disk, times, new Random(options.Seed));
        await crowd.RunAsync(Processes, kills: times, life: TimeSpan.FromMilliseconds(400), rest: filling);
        var (verdict, faults) = await Finish.RunAsync(place, journals, ledgers, TimeSpan.FromMinutes(2));
        return Outcome.Of(verdict, $"{crowd.Kills} kills, full {times} times", crowd.Faults.Concat(faults));
    }

    private static async Task FillAsync(SmallDisk disk, int times, Random random)
    {
        for (var i = 0; i < times; i++)
        {
#pragma warning disable CA5394 // A seed must lead to the same numbers again.
            await Task.Delay(random.Next(100, 600));
            disk.Fill();
            await Task.Delay(random.Next(50, 400));
#pragma warning restore CA5394
            disk.Empty();
        }
    }
}
