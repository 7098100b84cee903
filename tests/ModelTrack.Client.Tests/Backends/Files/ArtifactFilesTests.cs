using System.Text;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class ArtifactFilesTests
{
    [Test]
    public async Task An_artifact_reads_back_as_written()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();

        await WriteAsync(store, run, "a/b/c.txt", "old");
        await WriteAsync(store, run, "a/b/c.txt", "new");
        await WriteAsync(store, run, "a/Z.txt", "z");

        Assert.That(await ReadAsync(store, run, "a/b/c.txt"), Is.EqualTo("new"));
        Assert.That(await store.Backend.ListArtifactsAsync(run.Id, "", default), Is.EqualTo([new ArtifactInfo("a", true, null)]));
        Assert.That(
            await store.Backend.ListArtifactsAsync(run.Id, "a", default),
            Is.EqualTo([new ArtifactInfo("a/Z.txt", false, 1), new ArtifactInfo("a/b", true, null)]));
        Assert.That(await store.Backend.ListArtifactsAsync(run.Id, "a/Z.txt", default), Is.Empty);
        Assert.That(Directory.GetFiles(store.FolderOf(run)).Select(Path.GetFileName), Is.EqualTo(["meta.yaml"]));
    }

    [TestCase("missing.txt")]
    [TestCase("a")]
    [TestCase("a/b.txt/c")]
    public async Task What_is_no_artifact_file_cannot_be_opened(string path)
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        await WriteAsync(store, run, "a/b.txt", "x");

        Assert.That(
            async () => await store.Backend.OpenArtifactAsync(run.Id, path, default),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist));
    }

    [Test]
    public async Task A_write_that_fails_leaves_nothing()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        Assert.That(
            async () => await store.Backend.WriteArtifactAsync(run.Id, "x", new MemoryStream(new byte[10]), cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await store.Backend.ListArtifactsAsync(run.Id, "", default), Is.Empty);
        Assert.That(Directory.GetFiles(store.FolderOf(run)).Select(Path.GetFileName), Is.EqualTo(["meta.yaml"]));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public async Task Links_that_lead_out_are_not_followed()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        var artifacts = Path.Combine(store.FolderOf(run), "artifacts");
        await WriteAsync(store, run, "in/a.txt", "inside");
        File.CreateSymbolicLink(Path.Combine(artifacts, "out"), "../..");
        File.CreateSymbolicLink(Path.Combine(artifacts, "again"), "in");

        Assert.That(
            (await store.Backend.ListArtifactsAsync(run.Id, "", default)).Select(a => (a.Path, a.IsDirectory, a.Size)),
            Is.EqualTo([("again", true, null), ("in", true, null), ("out", false, (long?)null)]));
        Assert.That(await ReadAsync(store, run, "again/a.txt"), Is.EqualTo("inside"));
        foreach (var path in new[] { "out/meta.yaml", "../meta.yaml", "out" })
        {
            Assert.That(async () => await store.Backend.OpenArtifactAsync(run.Id, path, default), Throws.TypeOf<ModelTrackException>());
            Assert.That(async () => await store.Backend.ListArtifactsAsync(run.Id, path, default), Throws.TypeOf<ModelTrackException>());
            Assert.That(async () => await WriteAsync(store, run, path, "x"), Throws.TypeOf<ModelTrackException>());
        }
    }

    [TestCase("100%41", FolderAddressing.PlainPath)]
    [TestCase("100%41", FolderAddressing.FileUri)]
    [TestCase("sp ace%", FolderAddressing.Implicit)]
    public async Task Folder_names_may_hold_percent_signs_and_spaces(string name, FolderAddressing form)
    {
        using var store = new TempStore(name, form);
        var run = await store.CreateRunAsync();

        await WriteAsync(store, run, "50%25.txt", "x");

        Assert.That(await ReadAsync(store, run, "50%25.txt"), Is.EqualTo("x"));
        Assert.That(File.Exists(Path.Combine(store.FolderOf(run), "artifacts", "50%25.txt")));
    }

    [Test]
    public async Task A_store_that_was_moved_keeps_its_artifacts_in_the_new_place()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        await WriteAsync(store, run, "before.txt", "1");
        var oldRoot = store.Root;

        store.MoveTo("moved");
        await WriteAsync(store, run, "after.txt", "2");

        Assert.That(await ReadAsync(store, run, "before.txt"), Is.EqualTo("1"));
        Assert.That(await ReadAsync(store, run, "after.txt"), Is.EqualTo("2"));
        Assert.That(Directory.Exists(oldRoot), Is.False);
    }

    [Test]
    public async Task A_location_of_the_users_choice_is_made_when_it_is_needed()
    {
        using var store = new TempStore();
        var place = Path.Combine(store.Root, "..", "elsewhere");
        var experiment = await store.Backend.CreateExperimentAsync("e", place, null, default);
        var run = await store.CreateRunAsync(experimentId: experiment.Id);

        await WriteAsync(store, run, "a.txt", "x");

        Assert.That(File.Exists(Path.Combine(place, run.Id, "artifacts", "a.txt")));
        Assert.That(await ReadAsync(store, run, "a.txt"), Is.EqualTo("x"));
    }

    [Test]
    public async Task A_remote_location_is_refused_by_name()
    {
        using var store = new TempStore();
        var experiment = await store.Backend.CreateExperimentAsync("e", "s3://bucket/path?x=1", null, default);
        var run = await store.CreateRunAsync(experimentId: experiment.Id);

        Assert.That(run.ArtifactUri, Is.EqualTo($"s3://bucket/path/{run.Id}/artifacts?x=1"));
        Assert.That(
            async () => await store.Backend.ListArtifactsAsync(run.Id, "", default),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("'s3:'"));
    }

    private static async Task WriteAsync(TempStore store, RunSnapshot run, string path, string content)
        => await store.Backend.WriteArtifactAsync(run.Id, path, new MemoryStream(Encoding.UTF8.GetBytes(content)), default);

    private static async Task<string> ReadAsync(TempStore store, RunSnapshot run, string path)
    {
        await using var stream = await store.Backend.OpenArtifactAsync(run.Id, path, default);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
