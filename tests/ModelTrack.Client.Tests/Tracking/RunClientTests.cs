namespace ModelTrack.Client.Tests.Tracking;

internal sealed class RunClientTests
{
    private static string[] Places => [.. ServersUnderTest.Names, "memory:"];

    [TestCaseSource(nameof(Places))]
    public async Task A_tag_that_is_not_there_is_removed_already_but_not_of_what_does_not_exist(string place)
    {
        await using var tracker = new Tracker(place == "memory:" ? place : ServersUnderTest.UriOf(place));
        var experiment = await tracker.Experiments.CreateAsync("tags-" + Guid.NewGuid().ToString("N"));
        var run = tracker.StartRun("tagged", experiment: experiment.Name, tags: [new("team", "a")]);
        await run.EndAsync();

        for (var time = 0; time < 2; time++)
        {
            await tracker.Runs.DeleteTagAsync(run.Id, "team");
            await tracker.Experiments.DeleteTagAsync(experiment.Id, "team");
        }

        Assert.That((await tracker.Runs.GetAsync(run.Id)).Tags, Does.Not.ContainKey("team"));
        Assert.That(
            () => tracker.Runs.DeleteTagAsync(new string('0', 32), "team"),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(
            () => tracker.Experiments.DeleteTagAsync("987654321", "team"),
            Throws.TypeOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist));
    }

    [TestCase("con.txt")]
    [TestCase("nul/a#b")]
    [Platform(Exclude = "Win")]
    public async Task Artifacts_that_others_stored_under_names_that_are_not_written_here_can_be_read(string path)
    {
        using var folder = new ScratchFolder();
        await using var tracker = new Tracker(folder["mlruns"]);
        var run = tracker.StartRun("theirs");
        await run.EndAsync();
        var file = Path.Combine((await tracker.Runs.GetAsync(run.Id)).ArtifactUri, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "x");

        using var content = new StreamReader(await tracker.Runs.OpenArtifactAsync(run.Id, path));
        var listed = await tracker.Runs.ListArtifactsAsync(run.Id, Path.GetDirectoryName(path));
        var copy = await tracker.Runs.DownloadArtifactsAsync(run.Id, folder["copy"], path);

        Assert.That(await content.ReadToEndAsync(), Is.EqualTo("x"));
        Assert.That(listed.Select(a => a.Path), Is.EqualTo([path]));
        Assert.That(await File.ReadAllTextAsync(copy), Is.EqualTo("x"));
    }
}
