using ModelTrack.Client.Fakes;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>
/// No place for a journal can be written. One that was asked for by name says so when a run is started, before anything is accepted; where
/// the place is of the client's own choosing, the journal is in memory, and while its process lives nothing of it gets lost.
/// </summary>
internal sealed class ReadOnlyScenario : IScenario
{
    public string Name => "read-only";

    public async Task<Outcome> RunAsync(TortureOptions options)
    {
        using var scratch = new ScratchFolder();
        using var disk = SmallDisk.TryMount(scratch.Folder("disk"), 4);
        if (disk is null)
        {
            return new Outcome { Skipped = SmallDisk.WhyNone };
        }

        // As an earlier process left it, when the disk could be written.
        var journals = Directory.CreateDirectory(Path.Combine(disk.Path, "modeltrack", "journals")).FullName;
        var ledgers = scratch.Folder("ledgers");
        disk.MakeReadOnly();
        await using var place = await Place.ServerAsync(StoreSemantics.FileStore, options.Seed);
        var faults = new List<string>();
        try
        {
            using var tracker = new Tracker(new TrackerOptions { TrackingUri = place.TrackingUri, JournalDirectory = journals });
            tracker.StartRun("nowhere");
            faults.Add("a run was started though the journal that was asked for cannot be written");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As it should be.
        }

        var plan = new WriterPlan(place.TrackingUri, "", ledgers, 0, 0, 4, Rate: 5000, options.Seed, place.Experiment, LogsTexts: false);
        var crowd = new Crowd(plan, options.Seed)
        {
            Variables = new Dictionary<string, string> { ["HOME"] = disk.Path, ["XDG_DATA_HOME"] = disk.Path, ["TMPDIR"] = disk.Path, ["DOTNET_EnableDiagnostics"] = "0" },
        };
        await crowd.RunAsync(processes: 1, kills: 0, life: TimeSpan.Zero, rest: Task.Delay(TimeSpan.FromSeconds(1)));
        var (verdict, left) = await Finish.RunAsync(place, scratch.Folder("journals"), ledgers, TimeSpan.FromSeconds(30));
        return Outcome.Of(verdict, "journal in memory", crowd.Faults.Concat(faults).Concat(left));
    }
}
