using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Files;

internal sealed class RunFilesTests
{
    [Test]
    public async Task A_run_reads_back_as_created()
    {
        using var store = new TempStore();

        var made = await store.CreateRunAsync("first", tags: ("team", "x"));
        var read = await store.Backend.GetRunAsync(made.Id, default);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(made.Id, Does.Match("^[0-9a-f]{32}$"));
            Assert.That(read.Name, Is.EqualTo("first"));
            Assert.That(read.UserId, Is.EqualTo("me"));
            Assert.That(read.Status, Is.EqualTo(RunStatus.Running));
            Assert.That(read.StartTime.ToUnixTimeMilliseconds(), Is.EqualTo(1_700_000_000_000));
            Assert.That(read.EndTime, Is.Null);
            Assert.That(read.ArtifactUri, Is.EqualTo($"{store.Root}/0/{made.Id}/artifacts"));
            Assert.That(read.Tags, Is.EquivalentTo(new Dictionary<string, string> { ["team"] = "x", ["mlflow.runName"] = "first" }));
            Assert.That(
                Directory.GetFileSystemEntries(store.FolderOf(made)).Select(Path.GetFileName),
                Is.EquivalentTo(["meta.yaml", "metrics", "params", "tags", "artifacts"]));
            Assert.That(Directory.GetFileSystemEntries(Path.Combine(store.Root, "0", "datasets")), Is.Empty);
        }
    }

    [Test]
    public async Task The_meta_file_has_both_ids_and_quoted_strings_in_order()
    {
        using var store = new TempStore();

        var run = await store.CreateRunAsync("it's\n\"two\" lines");

        Assert.That(await File.ReadAllTextAsync(Path.Combine(store.FolderOf(run), "meta.yaml")), Is.EqualTo($"""
            artifact_uri: '{store.Root}/0/{run.Id}/artifacts'
            end_time: null
            entry_point_name: ''
            experiment_id: '0'
            lifecycle_stage: 'active'
            run_id: '{run.Id}'
            run_name: "it's\n\"two\" lines"
            run_uuid: '{run.Id}'
            source_name: ''
            source_type: 4
            source_version: ''
            start_time: 1700000000000
            status: 1
            tags: []
            user_id: 'me'

            """.ReplaceLineEndings("\n")));
        Assert.That((await store.Backend.GetRunAsync(run.Id, default)).Name, Is.EqualTo("it's\n\"two\" lines"));
    }

    [Test]
    public async Task A_run_without_a_name_gets_one()
    {
        using var store = new TempStore();

        var run = await store.CreateRunAsync(name: null);

        Assert.That(run.Name, Does.Match("^[a-z]+-[a-z]+-[0-9]+$"));
        Assert.That(run.Tags["mlflow.runName"], Is.EqualTo(run.Name));
    }

    [Test]
    public async Task The_name_and_its_tag_follow_each_other()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();

        await store.Backend.UpdateRunAsync(run.Id, null, null, "second", clearEndTime: false, default);
        var renamed = await store.Backend.GetRunAsync(run.Id, default);
        await store.Backend.SetRunTagAsync(run.Id, "mlflow.runName", "third", default);
        var retagged = await store.Backend.GetRunAsync(run.Id, default);

        Assert.That((renamed.Name, renamed.Tags["mlflow.runName"]), Is.EqualTo(("second", "second")));
        Assert.That((retagged.Name, retagged.Tags["mlflow.runName"]), Is.EqualTo(("third", "third")));
    }

    [Test]
    public async Task A_run_ends_and_goes_on()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        var end = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_005_000);

        await store.Backend.UpdateRunAsync(run.Id, RunStatus.Failed, end, null, clearEndTime: false, default);
        var ended = await store.Backend.GetRunAsync(run.Id, default);
        await store.Backend.UpdateRunAsync(run.Id, RunStatus.Running, null, null, clearEndTime: true, default);
        var resumed = await store.Backend.GetRunAsync(run.Id, default);

        Assert.That((ended.Status, ended.EndTime), Is.EqualTo((RunStatus.Failed, (DateTimeOffset?)end)));
        Assert.That((resumed.Status, resumed.EndTime), Is.EqualTo((RunStatus.Running, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task A_deleted_run_is_read_and_restored_but_not_written_to()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();

        await store.Backend.DeleteRunAsync(run.Id, default);
        var deleted = await store.Backend.GetRunAsync(run.Id, default);
        var meta = await File.ReadAllTextAsync(Path.Combine(store.FolderOf(run), "meta.yaml"));

        Assert.That(deleted.LifecycleStage, Is.EqualTo(LifecycleStage.Deleted));
        Assert.That(meta, Does.Match("\ndeleted_time: [0-9]+\n"));
        Assert.That(async () => await store.Backend.SetRunTagAsync(run.Id, "a", "b", default), Refused(ErrorCode.InvalidParameterValue));
        Assert.That(
            async () => await store.Backend.UpdateRunAsync(run.Id, RunStatus.Finished, null, null, false, default),
            Refused(ErrorCode.InvalidParameterValue));
        Assert.That(
            async () => await store.Backend.WriteArtifactAsync(run.Id, "a", Stream.Null, default),
            Refused(ErrorCode.InvalidParameterValue));

        await store.Backend.RestoreRunAsync(run.Id, default);
        Assert.That((await store.Backend.GetRunAsync(run.Id, default)).LifecycleStage, Is.EqualTo(LifecycleStage.Active));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(store.FolderOf(run), "meta.yaml")), Does.Not.Contain("deleted_time"));
    }

    [TestCase("0123456789abcdef0123456789abcdef")]
    [TestCase("../0")]
    [TestCase("tags")]
    [TestCase("")]
    public void A_missing_run_is_named(string runId)
    {
        using var store = new TempStore();

        Assert.That(
            async () => await store.Backend.GetRunAsync(runId, default),
            Refused(ErrorCode.ResourceDoesNotExist).With.Message.Contains($"'{runId}'"));
        Assert.That(
            async () => await store.Backend.SetRunTagAsync(runId, "a", "b", default), Refused(ErrorCode.ResourceDoesNotExist));
    }

    [Test]
    public async Task A_tag_that_is_not_there_cannot_be_deleted()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync(tags: ("a/b", "1"));

        await store.Backend.DeleteRunTagAsync(run.Id, "a/b", default);

        Assert.That((await store.Backend.GetRunAsync(run.Id, default)).Tags.Keys, Is.EquivalentTo(["mlflow.runName"]));
        Assert.That(async () => await store.Backend.DeleteRunTagAsync(run.Id, "a/b", default), Refused(ErrorCode.ResourceDoesNotExist));
    }

    [TestCase("a/b", "a")]
    [TestCase("a", "a/b")]
    public async Task A_key_below_another_key_is_refused(string first, string second)
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync(tags: (first, "1"));

        Assert.That(async () => await store.Backend.SetRunTagAsync(run.Id, second, "2", default), Refused(ErrorCode.InvalidParameterValue));
        Assert.That(
            async () => await store.Backend.SetRunTagAsync(run.Id, "../meta", "2", default), Refused(ErrorCode.InvalidParameterValue));
    }

    [Test]
    public async Task Changes_by_two_backends_at_once_are_all_kept()
    {
        using var store = new TempStore();
        var run = await store.CreateRunAsync();
        using var other = store.Open();
        var end = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_005_000);

        for (var i = 0; i < 20; i++)
        {
            await store.Backend.UpdateRunAsync(run.Id, RunStatus.Running, null, "x", clearEndTime: true, default);
            await Task.WhenAll(
                Task.Run(async () => await store.Backend.UpdateRunAsync(run.Id, RunStatus.Finished, end, null, false, default)),
                Task.Run(async () => await other.UpdateRunAsync(run.Id, null, null, "renamed", false, default)),
                Task.Run(async () => await other.SetRunTagAsync(run.Id, "k", "v", default)));
            var read = await other.GetRunAsync(run.Id, default);
            Assert.That((read.Status, read.EndTime, read.Name), Is.EqualTo((RunStatus.Finished, (DateTimeOffset?)end, "renamed")));
        }

        Assert.That(Directory.GetFiles(store.FolderOf(run)).Select(Path.GetFileName), Is.EquivalentTo(["meta.yaml"]));
    }

    [Test]
    public async Task A_search_comes_in_pages_of_one_state_of_the_store()
    {
        using var store = new TempStore();
        for (var i = 0; i < 5; i++)
        {
            await store.CreateRunAsync($"r{i}");
        }

        var query = new RunQuery { ExperimentIds = ["0"], PageSize = 2 };
        var first = await store.Backend.SearchRunsAsync(query, null, default);
        await store.CreateRunAsync("new");
        var second = await store.Backend.SearchRunsAsync(query, first.NextPageToken, default);
        var third = await store.Backend.SearchRunsAsync(query, second.NextPageToken, default);
        using var other = store.Open();
        var elsewhere = await other.SearchRunsAsync(query, first.NextPageToken, default);

        Assert.That(
            first.Items.Concat(second.Items).Concat(third.Items).Select(r => r.Name), Is.EquivalentTo(["r0", "r1", "r2", "r3", "r4"]));
        Assert.That(third.NextPageToken, Is.Null);
        Assert.That(elsewhere.Items, Has.Count.EqualTo(2));
    }

    [TestCase("x")]
    [TestCase("e30=")]
    [TestCase("eyJvZmZzZXQiOiAtMX0=")]
    public void A_malformed_page_token_is_an_ArgumentException(string token)
    {
        using var store = new TempStore();

        Assert.That(
            async () => await store.Backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["0"] }, token, default),
            Throws.InstanceOf<ArgumentException>());
    }

    private static NUnit.Framework.Constraints.ExactTypeConstraint Refused(string code)
    {
        var constraint = Throws.TypeOf<ModelTrackException>();
        constraint.With.Property("ErrorCode").EqualTo(code);
        return constraint;
    }
}
