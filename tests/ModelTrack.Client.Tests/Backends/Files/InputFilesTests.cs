using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class InputFilesTests
{
    private const string Experiment = "314276688541905216";
    private const string RunOfFixture = "ccc6fe8969d74a3eaf0af3ba41792240";
    private const string DatasetId = "674b8b06459a7a8a73d37201472861f2";

    [Test]
    public async Task What_MLflow_wrote_is_written_in_the_same_places_with_the_same_content()
    {
        using var golden = TempStore.OfFixture();
        var run = await golden.Backend.GetRunAsync(RunOfFixture, default);
        var input = run.DatasetInputs.Single();

        using var store = TempStore.OfFixture();
        var experiment = Path.Combine(store.Root, Experiment);
        Directory.Delete(Path.Combine(experiment, "datasets"), recursive: true);
        Directory.Delete(Path.Combine(experiment, RunOfFixture, "inputs"), recursive: true);
        await LogAsync(store, run.Id, input);

        var dataset = Path.Combine("datasets", DatasetId);
        var link = Path.Combine(RunOfFixture, "inputs", "cedc9c99c4d8be1550b97650bd1b0a97");
        foreach (var folder in new[] { dataset, link })
        {
            var (ours, theirs) = (Read(experiment, folder), Read(Path.Combine(golden.Root, Experiment), folder));
            string[] keys =
            [
                "digest", "name", "profile", "schema", "source", "source_type", "destination_id", "destination_type", "source_id",
            ];
            Assert.That(keys.Select(ours.GetText), Is.EqualTo(keys.Select(theirs.GetText)), folder);
            Assert.That(ours.GetMap("tags"), Is.EqualTo(theirs.GetMap("tags")), folder);
        }

        Assert.That(Directory.GetFileSystemEntries(Path.Combine(experiment, RunOfFixture), ".modeltrack*"), Is.Empty);
    }

    [Test]
    public async Task What_a_killed_writer_left_is_completed()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        var folder = store.FolderOf(run);
        await LogAsync(store, run.Id, Iris);
        var dataset = Directory.GetDirectories(Path.Combine(store.Root, "0", "datasets")).Single();
        var link = Directory.GetDirectories(Path.Combine(folder, "inputs")).Single();
        File.Delete(dataset + "/meta.yaml");
        File.Delete(link + "/meta.yaml");
        Directory.CreateDirectory(folder + "/.modeltrack-tmp-input");
        File.WriteAllText(folder + "/.modeltrack-tmp-input/meta.yaml", "half");
        await LogAsync(store, run.Id, Iris, Iris with { Name = "other" });
        Assert.That(
            (await store.Backend.GetRunAsync(run.Id, default)).DatasetInputs.Select(input => input.Name), Is.EquivalentTo(new[] { "iris", "other" }));
        Assert.That(Directory.GetDirectories(folder, ".modeltrack*"), Is.Empty);
    }

    private static DatasetInput Iris { get; } = DatasetInput.FromSource("iris.csv", "iris", "1a2b3c4d");

    private static MetaYaml Read(string root, string folder) => MetaYaml.Parse(File.ReadAllBytes(Path.Combine(root, folder, "meta.yaml")));

    private static async Task LogAsync(TempStore store, string runId, params DatasetInput[] inputs)
    {
        var batch = new RunBatch { RunId = runId };
        batch.Inputs.AddRange(inputs);
        Assert.That(await store.Backend.LogBatchAsync(batch, default), Is.Empty);
    }
}
