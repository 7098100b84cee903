using Microsoft.ML;

namespace ModelTrack.Client.MLNet.Tests;

[NonParallelizable]
internal sealed class ReadmeTests
{
    private static string Folder => TestContext.CurrentContext.TestDirectory;

    [Test]
    public void The_example_in_the_packages_README_is_the_one_that_is_compiled_here()
    {
        var readme = File.ReadAllText(Path.Combine(Folder, "PackageReadme.md"));
        var source = File.ReadAllText(Path.Combine(Folder, "ReadmeExample.cs"));
        Assert.That(Between(readme, "```csharp\n", "```"), Is.EqualTo(Unindent(Between(source, "// begin\n", "// end"))));
    }

    [Test]
    public async Task The_example_runs_and_its_run_has_everything()
    {
        var ml = new MLContext(seed: 1);
        var data = TestData.Cancer(ml);
        var folder = Directory.CreateTempSubdirectory("modeltrack-tests-");
        var before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = folder.FullName;
            ReadmeExample.Run(
                ml, ml.Data.TrainTestSplit(data, seed: 1), ml.BinaryClassification.Trainers.FastTree(numberOfTrees: 5));
            using var tracker = new Tracker("./mlruns");
            var runs = new List<RunSnapshot>();
            await foreach (var found in tracker.Runs.SearchAsync("breast-cancer", orderBy: "start_time"))
            {
                runs.Add(found);
            }

            var run = runs[0];
            var loaded = await tracker.Models.LoadMLNetAsync(ml, $"runs:/{run.Id}/model");
            Assert.Multiple(() =>
            {
                Assert.That(runs, Has.Count.EqualTo(6));
                Assert.That(runs.Select(found => found.Status), Is.All.EqualTo(RunStatus.Finished));
                Assert.That(run.Params["number_of_trees"], Is.EqualTo("50"));
                Assert.That(run.DatasetInputs.Select(input => input.Context), Is.EquivalentTo(new[] { "training", "eval" }));
                Assert.That(run.Metrics["valid/loss_rate"].Step, Is.EqualTo(50));
                Assert.That(run.Metrics["test/roc_auc"].Value, Is.GreaterThan(0.9));
                Assert.That(run.Metrics["cv/roc_auc_mean"].Value, Is.GreaterThan(0.9));
                Assert.That(ml.BinaryClassification.Evaluate(loaded.Transform(data)).AreaUnderRocCurve, Is.GreaterThan(0.9));
            });
        }
        finally
        {
            Environment.CurrentDirectory = before;
            folder.Delete(recursive: true);
        }
    }

    private static string Between(string text, string start, string end)
    {
        text = text.ReplaceLineEndings("\n");
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)].TrimEnd();
    }

    private static string Unindent(string code)
        => string.Join('\n', code.Split('\n').Select(line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));
}
