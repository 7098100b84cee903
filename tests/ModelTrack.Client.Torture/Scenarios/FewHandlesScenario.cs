using ModelTrack.Client.Fakes;
using ModelTrack.Client.Torture.Network;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>Writers that may have few files open log, are killed, and have to do without their server for a while.</summary>
internal sealed class FewHandlesScenario : IScenario
{
    private const int Handles = 128;

    public string Name => "few-handles";

    public async Task<Outcome> RunAsync(TortureOptions options)
    {
        if (OperatingSystem.IsWindows())
        {
            return new Outcome { Skipped = "this system knows no such limit" };
        }

        using var scratch = new ScratchFolder();
        await using var place = await Place.ServerAsync(StoreSemantics.Sql, options.Seed);
        var ledgers = scratch.Folder("ledgers");
        var journals = scratch.Folder("journals");
        var plan = new WriterPlan(place.TrackingUri, journals, ledgers, 0, 0, 16, Rate: 2000, 0, place.Experiment, LargestSegment: 1 << 16);
        var crowd = new Crowd(plan, options.Seed) { Handles = Handles };
        var suffering = SufferAsync(place.Outages!, times: options.IsLong ? 10 : 1);
        await crowd.RunAsync(processes: 1, kills: options.IsLong ? 50 : 3, life: TimeSpan.FromSeconds(1), rest: suffering);
        var (verdict, faults) = await Finish.RunAsync(place, journals, ledgers, TimeSpan.FromMinutes(2));
        return Outcome.Of(verdict, $"{crowd.Kills} kills, at most {Handles} handles", crowd.Faults.Concat(faults));
    }

    private static async Task SufferAsync(Outages outages, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await outages.SufferAsync(OutageKind.Refused, TimeSpan.FromSeconds(6));
        }
    }
}
