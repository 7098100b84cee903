using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Tests.Lifetime;

namespace ModelTrack.Client.Tests.Backends.Files.Search;

/// <summary>A second search in the same process takes from memory what is as it was, and sees what others have changed.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SearchAgainTests : IDisposable
{
    // An hour ahead: nothing in the folder was changed so recently that it would not be kept.
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow.AddHours(1));
    private readonly TempStore _store = new();

    private static IEnumerable<TestCaseData> Changes =>
    [
        new TestCaseData((string folder) => File.AppendAllText(folder + "/metrics/loss", "1700000000009 0.125 9\n"), (RunSnapshot run) => run.Metrics["loss"].Value == 0.125)
            .SetArgDisplayNames("a point appended"),
        new TestCaseData((string folder) => File.AppendAllText(folder + "/metrics/val/loss", "1700000000009 0.125 9\n"), (RunSnapshot run) => run.Metrics["val/loss"].Value == 0.125)
            .SetArgDisplayNames("a point appended below"),
        new TestCaseData((string folder) => File.WriteAllText(folder + "/metrics/new", "1700000000009 0.125 9\n"), (RunSnapshot run) => run.Metrics.GetValueOrDefault("new").Step == 9)
            .SetArgDisplayNames("a new metric"),
        new TestCaseData((string folder) => File.WriteAllText(folder + "/metrics/empty/new", "1700000000009 0.125 9\n"), (RunSnapshot run) => run.Metrics.GetValueOrDefault("empty/new").Step == 9)
            .SetArgDisplayNames("a new metric in a folder that was empty"),
        new TestCaseData((string folder) => File.Delete(folder + "/metrics/val/loss"), (RunSnapshot run) => run.Metrics.Count == 1)
            .SetArgDisplayNames("a metric removed"),
        new TestCaseData((string folder) => File.WriteAllText(folder + "/tags/stage", "test"), (RunSnapshot run) => run.Tags["stage"] == "test")
            .SetArgDisplayNames("a tag written over in as many letters"),
        new TestCaseData((string folder) => File.Delete(folder + "/tags/stage"), (RunSnapshot run) => !run.Tags.ContainsKey("stage"))
            .SetArgDisplayNames("a tag removed"),
        new TestCaseData((string folder) => File.WriteAllText(folder + "/params/new", "1"), (RunSnapshot run) => run.Params.GetValueOrDefault("new") == "1")
            .SetArgDisplayNames("a new param"),
        new TestCaseData((string folder) => Rewrite(folder + "/meta.yaml", "status: 1", "status: 3"), (RunSnapshot run) => run.Status == RunStatus.Finished)
            .SetArgDisplayNames("its end"),
        new TestCaseData(
                (string folder) =>
                {
                    Directory.CreateDirectory(folder + "/outputs/m-1");
                    File.WriteAllText(folder + "/outputs/m-1/meta.yaml", "source_type: RUN_OUTPUT\nsource_id: x\ndestination_type: MODEL_OUTPUT\ndestination_id: m-1\nstep: 4\n");
                },
                (RunSnapshot run) => run.ModelOutputs is [{ Step: 4 }])
            .SetArgDisplayNames("a logged model"),
    ];

    public void Dispose() => _store.Dispose();

    [Test]
    public async Task What_is_as_it_was_is_not_read_again()
    {
        var folder = await CreateAsync();
        using var backend = Open();
        await FindAsync(backend);

        // Params are written once: only a reader that opens the file notices.
        File.WriteAllText(folder + "/params/trees", "999");

        Assert.That((await FindAsync(backend))!.Params["trees"], Is.EqualTo("100"));
        Assert.That((await FindAsync(Open()))!.Params["trees"], Is.EqualTo("999"));
    }

    [TestCaseSource(nameof(Changes))]
    public async Task What_was_changed_is_seen(Action<string> change, Func<RunSnapshot, bool> isSeen)
    {
        var folder = await CreateAsync();
        using var backend = Open();
        Assert.That(isSeen((await FindAsync(backend))!), Is.False);

        change(folder);

        var run = await FindAsync(backend);
        Assert.That(isSeen(run!), run!.ToString());
        Assert.That(await FindAsync(Open()), Is.EqualTo(run).Using<RunSnapshot>(SameAs));
    }

    [Test]
    public async Task What_another_process_logged_is_seen()
    {
        var folder = await CreateAsync();
        using var backend = Open();
        Assert.That((await FindAsync(backend))!.Metrics, Does.Not.ContainKey("resumed"));

        using var child = ChildProcess.Start("resume", _store.Root, Path.GetFileName(folder));
        child.WaitFor("ready");
        child.Say("end");
        child.WaitForEnd();

        var run = await FindAsync(backend);
        Assert.That(run!.Metrics["resumed"].Value, Is.EqualTo(1));
        Assert.That(run.Status, Is.EqualTo(RunStatus.Finished));
    }

    [Test]
    public async Task A_run_that_is_gone_or_deleted_is_not_found()
    {
        var folder = await CreateAsync();
        var other = await CreateAsync();
        using var backend = Open();
        Assert.That(await CountAsync(backend), Is.EqualTo(2));

        Directory.Delete(folder, recursive: true);
        Rewrite(other + "/meta.yaml", "'active'", "'deleted'");

        Assert.That(await CountAsync(backend), Is.Zero);
        Assert.That(await CountAsync(backend, ViewType.DeletedOnly), Is.EqualTo(1));
        Assert.That(await CountAsync(backend), Is.Zero, "a deleted run that has been read is left out as well");
    }

    [Test]
    public async Task What_was_changed_a_moment_ago_is_read_again()
    {
        var folder = await CreateAsync();
        _clock.SetUtcNow(DateTimeOffset.UtcNow.AddHours(2));
        File.SetLastWriteTimeUtc(folder + "/tags/stage", _clock.GetUtcNow().UtcDateTime.AddSeconds(-1));
        using var backend = Open();
        await FindAsync(backend);

        File.WriteAllText(folder + "/params/trees", "999");

        Assert.That((await FindAsync(backend))!.Params["trees"], Is.EqualTo("999"));
    }

    [Test]
    public async Task After_ten_minutes_without_a_search_nothing_is_kept()
    {
        var folder = await CreateAsync();
        using var backend = Open();
        await FindAsync(backend);
        File.WriteAllText(folder + "/params/trees", "999");

        _clock.Advance(TimeSpan.FromMinutes(10));

        Assert.That((await FindAsync(backend))!.Params["trees"], Is.EqualTo("999"));
    }

    [Test]
    public async Task A_page_leaves_out_what_has_changed_so_that_it_is_no_hit_any_more()
    {
        var folders = new List<string> { await CreateAsync(), await CreateAsync(), await CreateAsync() };
        folders.Sort(StringComparer.Ordinal);

        // Files as fresh as these are not kept, so that each page reads its runs.
        _clock.SetUtcNow(DateTimeOffset.UtcNow.AddHours(2));
        folders.ForEach(folder => File.SetLastWriteTimeUtc(folder + "/meta.yaml", _clock.GetUtcNow().UtcDateTime));
        using var backend = Open();
        var query = new RunQuery { ExperimentIds = ["0"], Filter = "tags.stage = 'prod'", OrderBy = ["run_id"], PageSize = 1 };
        var first = await backend.SearchRunsAsync(query, null, default);

        File.WriteAllText(folders[1] + "/tags/stage", "test");
        var second = await backend.SearchRunsAsync(query, first.NextPageToken, default);
        var third = await backend.SearchRunsAsync(query, second.NextPageToken, default);

        Assert.That(second.Items, Is.Empty);
        Assert.That(third.Items.Single().Id, Is.EqualTo(Path.GetFileName(folders[2])));
        Assert.That(third.NextPageToken, Is.Null);
    }

    private static bool SameAs(RunSnapshot left, RunSnapshot right)
        => left.Params.SequenceEqual(right.Params) && left.Metrics.OrderBy(m => m.Key).SequenceEqual(right.Metrics.OrderBy(m => m.Key))
            && left.Tags.OrderBy(t => t.Key).SequenceEqual(right.Tags.OrderBy(t => t.Key)) && left.Status == right.Status
            && left.ModelOutputs.SequenceEqual(right.ModelOutputs);

    private static void Rewrite(string path, string old, string replacement)
    {
        var text = File.ReadAllText(path);
        Assert.That(text, Does.Contain(old));
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    private static async Task<RunSnapshot?> FindAsync(FileBackend backend)
        => (await backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["0"] }, null, default)).Items.SingleOrDefault();

    private static async Task<int> CountAsync(FileBackend backend, ViewType view = ViewType.ActiveOnly)
        => (await backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["0"], View = view }, null, default)).Items.Count;

    private FileBackend Open() => new(_store.Root, FolderAddressing.PlainPath, _clock, _store.Log);

    private async Task<string> CreateAsync()
    {
        var folder = _store.FolderOf(await _store.CreateRunAsync());
        Directory.CreateDirectory(folder + "/metrics/val");
        Directory.CreateDirectory(folder + "/metrics/empty");
        Directory.CreateDirectory(folder + "/params");
        Directory.CreateDirectory(folder + "/tags");
        File.WriteAllText(folder + "/params/trees", "100");
        File.WriteAllText(folder + "/metrics/loss", "1700000000000 0.5 0\n");
        File.WriteAllText(folder + "/metrics/val/loss", "1700000000000 0.75 0\n");
        File.WriteAllText(folder + "/tags/stage", "prod");
        return folder;
    }
}
