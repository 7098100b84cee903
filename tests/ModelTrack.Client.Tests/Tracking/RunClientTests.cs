namespace ModelTrack.Client.Tests.Tracking;

internal sealed class RunClientTests
{
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
