using ModelTrack.Client;

// Days without a network, then a server: dotnet run -- ./offline http://localhost:5000
var (folder, destination) = args switch
{
    [] => ("./offline", "./mlruns"),
    [var from, var to] => (from, to),
    _ => ("", ""),
};
if (folder.Length == 0)
{
    Console.Error.WriteLine("usage: OfflineSync [<folder> <tracking URI to copy it to>]");
    return 2;
}

// On the way: runs go into a folder, in MLflow's own layout.
using var offline = new Tracker(folder);
using (var search = offline.StartRun("search", experiment: "offline"))
{
    foreach (var rate in new[] { 0.01, 0.1, 1.0 })
    {
        using var trial = search.StartChild($"rate-{rate}");
        trial.LogParam("rate", rate);
        Descend(trial, rate, fromStep: 0, toStep: 100);
        trial.LogText("notes.md", $"# Learning rate {rate}");
    }
}

// Back: what would be copied, then the copy. A child is copied after its parent and follows its new id.
using var target = new Tracker(destination);
var plan = await target.SyncFromAsync(offline, new SyncOptions { Experiments = ["offline"], DryRun = true });
Console.WriteLine($"To be copied to {target.TrackingUri}: {plan.Count(SyncItemKind.Run, SyncOutcome.Copied)} runs");

var progress = new Progress<SyncProgress>(done => Console.WriteLine($"  {done.Finished.Outcome,-9} {done.Finished.Kind} {done.Finished.Name}"));
var report = await target.SyncFromAsync(offline, new SyncOptions { Experiments = ["offline"] }, progress);
foreach (var item in report.Items.Where(item => item.Outcome >= SyncOutcome.Conflict))
{
    Console.Error.WriteLine($"{item.Kind} {item.Name}: {item.Failure} {string.Join(" ", item.Conflicts)}");
}

Console.WriteLine($"Copied: {report.Copied.MetricPoints} points, {report.Copied.Artifacts} files");

// Again, as often as one likes: only what is new goes.
var again = await target.SyncFromAsync(offline, new SyncOptions { Experiments = ["offline"] });
Console.WriteLine($"Copied by a second call: {again.Copied.MetricPoints} points");

var best = await offline.Runs.SearchAsync("offline", "params.rate = '0.1'", orderBy: "start_time DESC", limit: 1).FirstAsync();
using (var more = offline.StartRun(runId: best.Id))
{
    Descend(more, 0.1, fromStep: 100, toStep: 110);
}

var rest = await target.SyncFromAsync(offline, new SyncOptions { Experiments = ["offline"] });
Console.WriteLine($"Copied after ten more points: {rest.Copied.MetricPoints} points");
return report.IsComplete && again.IsComplete && rest.IsComplete ? 0 : 1;

// Minimizes (x - 3)².
static void Descend(Run run, double rate, int fromStep, int toStep)
{
    for (var step = fromStep; step < toStep; step++)
    {
        run.LogMetric("loss", 9 * Math.Pow(1 - (2 * Math.Min(rate, 0.9)), 2 * step), step);
    }
}
