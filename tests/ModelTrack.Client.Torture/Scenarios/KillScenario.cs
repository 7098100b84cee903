using System.Diagnostics;
using ModelTrack.Client.Torture.Network;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>Writers are killed, and the way to the store breaks, at random moments.</summary>
/// <param name="name">The scenario's name.</param>
/// <param name="kills">Its share of all kills.</param>
/// <param name="outages">Its share of all outages.</param>
/// <param name="open">Opens the store.</param>
internal sealed class KillScenario(string name, double kills, double outages, Func<ScratchFolder, TortureOptions, Task<Place>> open) : IScenario
{
    private const int ThreadsOfOne = 4;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(400);

    public string Name => name;

    public async Task<Outcome> RunAsync(TortureOptions options)
    {
        using var scratch = new ScratchFolder();
        await using var place = await open(scratch, options);
        var journals = place.Outages is null ? "" : scratch.Folder("journals");
        var ledgers = scratch.Folder("ledgers");
        var kill = (int)Math.Round(options.Kills * kills);
        var outage = place.Outages is null ? 0 : (int)Math.Round(options.Outages * outages);
        var processes = Math.Max(1, options.Writers / ThreadsOfOne);
        var life = options.Duration * processes / Math.Max(1, kill) ?? TimeSpan.FromMilliseconds(250);
        var plan = new WriterPlan(
            place.TrackingUri, journals, ledgers, 0, 0, Math.Min(ThreadsOfOne, options.Writers), Rate: options.IsLong ? 500 : 1000, 0, place.Experiment);
        var crowd = new Crowd(plan, options.Seed)
        {
            Variables = new Dictionary<string, string> { ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = options.IsLong ? "20" : "2" },
        };
        var longest = TimeSpan.FromSeconds(options.IsLong ? 60 : 3);
        var pause = options.Duration / Math.Max(1, outage) - (longest / Outages.MeanPart) ?? TimeSpan.FromMilliseconds(400);
        pause = pause > ShortestPause ? pause : ShortestPause;
        var suffering = place.Outages?.RunAsync(outage, longest, pause) ?? Task.CompletedTask;
        var start = Stopwatch.GetTimestamp();
        await crowd.RunAsync(processes, kill, life, rest: suffering);
        var tortured = Stopwatch.GetElapsedTime(start);
        var (verdict, faults) = await Finish.RunAsync(place, journals, ledgers, TimeSpan.FromMinutes(options.IsLong ? 10 : 2));
        var suffered = place.Outages is { } gone ? $", {gone.Count} outages, slowest request {gone.Slowest.TotalSeconds:0.0} s" : "";
        var outcome = Outcome.Of(verdict, $"{crowd.Kills} kills{suffered}, in {tortured.TotalSeconds:0.0} s", crowd.Faults.Concat(faults));
        return outcome.IsGood ? outcome : outcome with { Faults = [.. outcome.Faults, $"ledgers, journals and what else there is: {scratch.Keep()}"] };
    }
}
