using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class ExperimentFilesTests
{
    [Test]
    public async Task A_new_store_has_the_default_experiment()
    {
        using var store = new TempStore();

        var experiment = await store.Backend.GetExperimentAsync("0", default);

        Assert.That(experiment.Name, Is.EqualTo("Default"));
        Assert.That(Directory.Exists(Path.Combine(store.Root, ".trash")));
    }

    [Test]
    public async Task A_folder_that_was_there_gets_no_default_experiment_until_it_is_asked_for()
    {
        using var store = new TempStore();
        Directory.Delete(store.Root, recursive: true);
        Directory.CreateDirectory(store.Root);
        using var backend = store.Open();

        Assert.That(await backend.FindExperimentAsync("Default", default), Is.Null);
        Assert.That((await backend.CreateExperimentAsync("Default", null, null, default)).Id, Is.EqualTo("0"));
    }

    [Test]
    public async Task An_experiment_reads_back_as_created()
    {
        using var store = new TempStore();
        var tags = new Dictionary<string, string> { ["team"] = "a\nb", ["x/y"] = "" };

        var made = await store.Backend.CreateExperimentAsync("it's: näme #1", null, tags, default);
        var read = await store.Backend.FindExperimentAsync("it's: näme #1", default);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(made.Id, Does.Match("^[1-9][0-9]{17}$"));
            Assert.That(read!.Id, Is.EqualTo(made.Id));
            Assert.That(read.Tags, Is.EquivalentTo(tags));
            Assert.That(read.ArtifactLocation, Is.EqualTo(store.Root + "/" + made.Id));
            Assert.That(read.CreationTime, Is.Not.Null.And.EqualTo(read.LastUpdateTime));
        }
    }

    [TestCase(FolderAddressing.PlainPath, "{0}")]
    [TestCase(FolderAddressing.FileUri, "file://{0}")]
    [TestCase(FolderAddressing.Implicit, "file://{1}")]
    [Platform(Exclude = "Win")]
    public async Task Artifact_locations_are_written_as_the_store_was_addressed(FolderAddressing form, string expected)
    {
        using var store = new TempStore("sp ace", form);

        var experiment = await store.Backend.GetExperimentAsync("0", default);

        Assert.That(experiment.ArtifactLocation, Is.EqualTo(
            string.Format(null, expected, store.Root, store.Root.Replace(" ", "%20", StringComparison.Ordinal)) + "/0"));
    }

    [Test]
    public async Task A_name_is_taken_also_by_a_deleted_experiment()
    {
        using var store = new TempStore();
        var made = await store.Backend.CreateExperimentAsync("e", null, null, default);
        await store.Backend.DeleteExperimentAsync(made.Id, default);

        Assert.That(
            async () => await store.Backend.CreateExperimentAsync("e", null, null, default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceAlreadyExists));
    }

    [Test]
    public async Task Of_many_that_create_one_name_at_once_one_succeeds()
    {
        using var store = new TempStore();
        var tasks = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var backend = store.Open();
            try
            {
                await backend.CreateExperimentAsync("same", null, null, default);
                return 1;
            }
            catch (ModelTrackException)
            {
                return 0;
            }
        }));

        Assert.That((await Task.WhenAll(tasks)).Sum(), Is.EqualTo(1));
        Assert.That(Directory.GetFiles(store.Root), Is.Empty);
    }

    [Test]
    public async Task A_deleted_experiment_comes_back_with_its_runs()
    {
        using var store = new TempStore();
        var made = await store.Backend.CreateExperimentAsync("e", null, null, default);
        var run = await store.CreateRunAsync(experimentId: made.Id);

        await store.Backend.DeleteExperimentAsync(made.Id, default);
        var deleted = await store.Backend.GetExperimentAsync(made.Id, default);
        var deletedRun = await store.Backend.GetRunAsync(run.Id, default);
        var inTrash = Directory.Exists(Path.Combine(store.Root, ".trash", made.Id));
        await store.Backend.RestoreExperimentAsync(made.Id, default);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(inTrash);
            Assert.That(deleted.LifecycleStage, Is.EqualTo(LifecycleStage.Deleted));
            Assert.That(deletedRun.LifecycleStage, Is.EqualTo(LifecycleStage.Deleted));
            Assert.That((await store.Backend.GetExperimentAsync(made.Id, default)).LifecycleStage, Is.EqualTo(LifecycleStage.Active));
            Assert.That((await store.Backend.GetRunAsync(run.Id, default)).LifecycleStage, Is.EqualTo(LifecycleStage.Active));
        }
    }

    [Test]
    public async Task A_deleted_experiment_takes_no_changes()
    {
        using var store = new TempStore();
        var made = await store.Backend.CreateExperimentAsync("e", null, null, default);
        await store.Backend.DeleteExperimentAsync(made.Id, default);

        Assert.That(async () => await store.CreateRunAsync(experimentId: made.Id), Throws.TypeOf<ModelTrackException>());
        Assert.That(
            async () => await store.Backend.SetExperimentTagAsync(made.Id, "k", "v", default), Throws.TypeOf<ModelTrackException>());
        Assert.That(async () => await store.Backend.RenameExperimentAsync(made.Id, "f", default), Throws.TypeOf<ModelTrackException>());
        Assert.That(async () => await store.Backend.DeleteExperimentAsync("0", default), Throws.TypeOf<ModelTrackException>());
    }

    [Test]
    public async Task Renaming_keeps_what_we_do_not_know()
    {
        using var store = TempStore.OfFixture();
        const string Id = "314276688541905216";

        await store.Backend.RenameExperimentAsync(Id, "renamed", default);

        Assert.That((await store.Backend.GetExperimentAsync(Id, default)).Name, Is.EqualTo("renamed"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(store.Root, Id, "meta.yaml")), Does.Contain("workspace: default\n"));
        Assert.That(
            async () => await store.Backend.RenameExperimentAsync(Id, "Default", default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceAlreadyExists));
    }

    [Test]
    public async Task Tags_are_set_and_deleted()
    {
        using var store = new TempStore();

        await store.Backend.SetExperimentTagAsync("0", "a", "1", default);
        await store.Backend.SetExperimentTagAsync("0", "a", "2", default);
        var tags = (await store.Backend.GetExperimentAsync("0", default)).Tags;
        await store.Backend.DeleteExperimentTagAsync("0", "a", default);

        Assert.That(tags, Is.EquivalentTo(new Dictionary<string, string> { ["a"] = "2" }));
        Assert.That((await store.Backend.GetExperimentAsync("0", default)).Tags, Is.Empty);
        Assert.That(async () => await store.Backend.DeleteExperimentTagAsync("0", "a", default), Throws.TypeOf<ModelTrackException>());
    }

    [Test]
    public async Task Experiments_come_in_pages()
    {
        using var store = new TempStore();
        for (var i = 0; i < 4; i++)
        {
            await store.Backend.CreateExperimentAsync($"e{i}", null, null, default);
        }

        var first = await store.Backend.SearchExperimentsAsync(new ExperimentQuery { PageSize = 3 }, null, default);
        var second = await store.Backend.SearchExperimentsAsync(new ExperimentQuery { PageSize = 3 }, first.NextPageToken, default);

        Assert.That(first.Items.Concat(second.Items).Select(e => e.Name), Is.EquivalentTo(["Default", "e0", "e1", "e2", "e3"]));
        Assert.That(second.NextPageToken, Is.Null);
    }
}
