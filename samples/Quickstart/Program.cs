using Microsoft.Extensions.Logging;
using Microsoft.ML;
using ModelTrack.Client;
using ModelTrack.Client.MLNet;
using Quickstart;

// How many trees FastTree may grow: dotnet run -- --trees 200
var trees = args switch
{
    [] => 100,
    ["--trees", var text] when int.TryParse(text, out var count) && count is > 0 and <= 10_000 => count,
    _ => 0,
};
if (trees == 0)
{
    Console.Error.WriteLine("usage: Quickstart [--trees <1 to 10000>]");
    return 2;
}

// Records go where MLFLOW_TRACKING_URI says, else into the folder ./mlruns. Trouble, such as a server that is away, is told to the logger.
using var loggers = LoggerFactory.Create(builder => builder.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
using var tracker = new Tracker(new TrackerOptions { LoggerFactory = loggers });

// `mlflow run` has opened a run already and says which: StartRun() attaches to it, and ours become its children.
var startedByMlflow = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("MLFLOW_RUN_ID"));
using var parent = startedByMlflow ? tracker.StartRun() : null;
var experiment = parent is null ? "breast-cancer" : await ExperimentOfAsync(parent);

var ml = new MLContext(seed: 1);
var data = CancerData.Load(ml);

List<Trained> models = [];
foreach (var candidate in Candidate.All(ml, trees))
{
    using var run = parent is null ? tracker.StartRun(candidate.Name, experiment: experiment) : parent.StartChild(candidate.Name);
    run.SetDescription($"{candidate.Name} on the Wisconsin breast cancer data; the positive class is *benign*.");
    run.LogParams(candidate.Params);
    run.LogParams(new { dataset = CancerData.Name, test_fraction = CancerData.TestFraction, folds = Training.Folds, seed = 1 });

    run.LogDataset(data.TrainSet, CancerData.FilePath, CancerData.Name, "training");

    var auc = Training.CrossValidate(ml, candidate, data.TrainSet, run);
    var model = Training.TrainAndTest(ml, candidate, data, run);

    // Waits until all is stored, the model included, but not for ever for a server that is away: the next start sends what is left.
    // (Without it, Dispose ends the run, and what is left is stored in the background.)
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
    DeliveryReport report;
    try
    {
        report = await run.EndAsync(patience.Token);
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine($"{tracker.TrackingUri} does not take the run. It is safe in the journal; start again when the server is there.");
        return 1;
    }

    Console.WriteLine($"{candidate.Name}: {report.Delivered} of {report.Accepted} records stored, {report.Rejected} rejected");
    models.Add(new Trained(candidate.Name, run.Id, auc, model));
}

// The test data must not choose: cross-validation does. From here on it is any program that uses the model by its alias.
var best = models.MaxBy(model => model.Auc)!;
var champion = await Champion.PromoteAsync(tracker, best);
Console.WriteLine();
Console.WriteLine($"{best.Name} has the better AUC in cross-validation ({best.Auc:F4}) and is {Champion.Uri}, version {champion.Version}");
var (same, all) = await Champion.CompareAsync(tracker, ml, best.Model, data.TestSet);
Console.WriteLine($"Loaded by that URI, it predicts {same} of {all} test rows exactly as the model in memory");

// The best runs of the experiment, those of earlier starts included.
Console.WriteLine();
Console.WriteLine($"{"name",-10}{"auc",8}{"accuracy",10}  {"size",-16}{"duration",8}  run id");
var finished = $"attributes.status = 'FINISHED' AND params.dataset = '{CancerData.Name}'";
await foreach (var run in tracker.Runs.SearchAsync(experiment, finished, orderBy: "metrics.auc DESC", limit: 10))
{
    var size = run.Params.TryGetValue("trees", out var grown) ? $"{grown} trees" : $"{run.Params["iterations"]} iterations";
    var seconds = run.Duration?.TotalSeconds;
    Console.WriteLine($"{run.Name,-10}{run.Metrics["auc"],8:F4}{run.Metrics["accuracy"],10:F4}  {size,-16}{seconds,7:F1}s  {run.Id}");
}

Console.WriteLine();
Console.WriteLine(Destination.Describe(tracker.TrackingUri));
return same == all && all > 0 ? 0 : 1;

async Task<string> ExperimentOfAsync(Run run)
{
    var stored = await tracker.Runs.GetAsync(run.Id);
    return (await tracker.Experiments.GetAsync(stored.ExperimentId)).Name;
}
