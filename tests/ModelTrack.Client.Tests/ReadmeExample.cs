namespace ModelTrack.Client.Tests;

/// <summary>README's first example, word for word; <see cref="ReadmeTests"/> compares and runs it.</summary>
internal static class ReadmeExample
{
    public static async Task RunAsync()
    {
        // begin
        using var tracker = new Tracker("./mlruns");
        using var run = tracker.StartRun("fast-tree", experiment: "breast-cancer");

        run.LogParam("trees", 100).LogParam("learning_rate", 0.2).SetTag("team", "oncology");
        for (var epoch = 0; epoch < 50; epoch++)
        {
            run.LogMetric("train/loss", 1.0 / (epoch + 1), step: epoch);
        }

        run.LogText("notes.md", "# First try");
        DeliveryReport report = await run.EndAsync();

        await foreach (RunSnapshot hit in tracker.Runs.SearchAsync("breast-cancer", "metrics.`train/loss` < 0.1", orderBy: "start_time DESC"))
        {
            Console.WriteLine($"{hit.Name} {hit.Status}: loss {hit.Metrics["train/loss"].Value}, {report.Delivered} records stored");
        }

        // end
    }
}
