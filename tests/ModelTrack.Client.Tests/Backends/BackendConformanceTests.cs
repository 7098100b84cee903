using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends;

/// <summary>What every backend does alike, whatever it stores in.</summary>
internal abstract class BackendConformanceTests : BackendFixture
{
    private const string Unknown = "0123456789abcdef0123456789abcdef";

    /// <summary>A deleted tag of an experiment. Some stores cannot delete, and keep an empty one.</summary>
    private protected virtual void AssertIsGone(IReadOnlyDictionary<string, string> tags, string key)
        => Assert.That(tags, Does.Not.ContainKey(key));

    [Test]
    public async Task An_experiment_is_found_by_id_and_by_name()
    {
        var name = Unique("cancer");
        var created = await Backend.CreateExperimentAsync(name, null, new Dictionary<string, string> { ["team"] = "oncology" }, default);
        Assert.Multiple(() =>
        {
            Assert.That(created.Name, Is.EqualTo(name));
            Assert.That(created.LifecycleStage, Is.EqualTo(LifecycleStage.Active));
            Assert.That(created.Tags["team"], Is.EqualTo("oncology"));
            Assert.That(created.ArtifactLocation, Does.EndWith("/" + created.Id));
            Assert.That(created.CreationTime, Is.Not.Null);
        });
        Assert.That((await Backend.GetExperimentAsync(created.Id, default)).Name, Is.EqualTo(name));
        Assert.That((await Backend.FindExperimentAsync(name, default))?.Id, Is.EqualTo(created.Id));
        Assert.That(await Backend.FindExperimentAsync(name.ToUpperInvariant(), default), Is.Null);
        AssertRefused(async () => await Backend.GetExperimentAsync("987654321", default), ErrorCode.ResourceDoesNotExist);
    }

    [Test]
    public async Task The_default_experiment_is_there()
        => Assert.That((await Backend.GetExperimentAsync("0", default)).Name, Is.EqualTo("Default"));

    [Test]
    public async Task An_experiments_name_is_given_once_even_when_the_other_is_deleted()
    {
        var first = await CreateExperimentAsync();
        var second = await CreateExperimentAsync();
        await Backend.DeleteExperimentAsync(first.Id, default);
        AssertRefused(
            async () => await Backend.CreateExperimentAsync(first.Name, null, null, default), ErrorCode.ResourceAlreadyExists);
        AssertRefused(async () => await Backend.RenameExperimentAsync(second.Id, first.Name, default));
    }

    [Test]
    public async Task A_renamed_experiment_gives_its_old_name_free()
    {
        var experiment = await CreateExperimentAsync();
        var newName = Unique("renamed");
        await Backend.RenameExperimentAsync(experiment.Id, newName, default);
        await Backend.RenameExperimentAsync(experiment.Id, newName, default);
        Assert.That((await Backend.FindExperimentAsync(newName, default))?.Id, Is.EqualTo(experiment.Id));
        Assert.That((await Backend.CreateExperimentAsync(experiment.Name, null, null, default)).Id, Is.Not.EqualTo(experiment.Id));
    }

    [Test]
    public async Task Runs_go_with_their_experiment_and_come_back_with_it()
    {
        var run = await CreateRunAsync();
        var id = run.ExperimentId;
        AssertRefused(async () => await Backend.RestoreExperimentAsync(id, default), ErrorCode.ResourceDoesNotExist);
        await Backend.DeleteExperimentAsync(id, default);
        Assert.That((await Backend.GetExperimentAsync(id, default)).LifecycleStage, Is.EqualTo(LifecycleStage.Deleted));
        Assert.That((await GetRunAsync(run)).LifecycleStage, Is.EqualTo(LifecycleStage.Deleted));
        AssertRefused(async () => await Backend.DeleteExperimentAsync(id, default));
        AssertRefused(async () => await Backend.RenameExperimentAsync(id, Unique("x"), default));
        AssertRefused(() => CreateRunAsync(id));

        await Backend.RestoreExperimentAsync(id, default);
        Assert.That((await Backend.GetExperimentAsync(id, default)).LifecycleStage, Is.EqualTo(LifecycleStage.Active));
        Assert.That((await GetRunAsync(run)).LifecycleStage, Is.EqualTo(LifecycleStage.Active));
    }

    [Test]
    public async Task An_experiments_tags_are_set_replaced_and_deleted()
    {
        var id = (await CreateExperimentAsync()).Id;
        await Backend.SetExperimentTagAsync(id, "team", "a", default);
        await Backend.SetExperimentTagAsync(id, "team", "b", default);
        Assert.That((await Backend.GetExperimentAsync(id, default)).Tags["team"], Is.EqualTo("b"));
        await Backend.DeleteExperimentTagAsync(id, "team", default);
        AssertIsGone((await Backend.GetExperimentAsync(id, default)).Tags, "team");
        AssertRefused(async () => await Backend.DeleteExperimentTagAsync(id, "team", default), ErrorCode.ResourceDoesNotExist);
        AssertRefused(async () => await Backend.SetExperimentTagAsync("987654321", "a", "b", default), ErrorCode.ResourceDoesNotExist);
    }

    [Test]
    public async Task A_search_of_experiments_goes_by_filter_order_view_and_page()
    {
        var prefix = Unique("p");
        foreach (var name in new[] { "b", "a", "d", "c" })
        {
            await Backend.CreateExperimentAsync($"{prefix}-{name}", null, null, default);
        }

        await Backend.DeleteExperimentAsync((await Backend.FindExperimentAsync(prefix + "-d", default))!.Id, default);
        var query = new ExperimentQuery { Filter = $"name LIKE '{prefix}%'", OrderBy = ["name ASC"], PageSize = 2 };
        var first = await Backend.SearchExperimentsAsync(query, null, default);
        var second = await Backend.SearchExperimentsAsync(query, first.NextPageToken, default);
        Assert.That(first.Items.Concat(second.Items).Select(e => e.Name[^1]), Is.EqualTo("abc"));
        Assert.That(second.NextPageToken, Is.Null);
        var deleted = await Backend.SearchExperimentsAsync(query with { View = ViewType.DeletedOnly }, null, default);
        Assert.That(deleted.Items.Select(e => e.Name[^1]), Is.EqualTo("d"));
    }

    [Test]
    public async Task A_new_run_reads_back_as_it_was_created()
    {
        var created = await CreateRunAsync(tags: ("team", "oncology"));
        foreach (var run in new[] { created, await GetRunAsync(created) })
        {
            Assert.Multiple(() =>
            {
                Assert.That(run.Id, Does.Match("^[0-9a-f]{32}$"));
                Assert.That(run.Name, Is.EqualTo("a run"));
                Assert.That(run.Status, Is.EqualTo(RunStatus.Running));
                Assert.That(run.StartTime, Is.EqualTo(Start));
                Assert.That(run.EndTime, Is.Null);
                Assert.That(run.UserId, Is.EqualTo("me"));
                Assert.That(run.ArtifactUri, Does.EndWith($"/{run.ExperimentId}/{run.Id}/artifacts"));
                Assert.That(run.LifecycleStage, Is.EqualTo(LifecycleStage.Active));
                Assert.That(run.Tags["team"], Is.EqualTo("oncology"));
                Assert.That(run.Tags["mlflow.runName"], Is.EqualTo("a run"));
                Assert.That(run.Params, Is.Empty);
                Assert.That(run.Metrics, Is.Empty);
            });
        }
    }

    [Test]
    public async Task A_run_without_a_name_is_named_by_its_tag_or_by_the_store()
    {
        Assert.That((await CreateRunAsync(name: null, tags: ("mlflow.runName", "by tag"))).Name, Is.EqualTo("by tag"));
        var run = await CreateRunAsync(name: null);
        Assert.That(run.Name, Is.Not.Empty);
        Assert.That(run.Tags["mlflow.runName"], Is.EqualTo(run.Name));
    }

    [Test]
    public void What_does_not_exist_is_refused()
    {
        AssertRefused(() => CreateRunAsync("987654321"), ErrorCode.ResourceDoesNotExist);
        AssertRefused(async () => await Backend.GetRunAsync(Unknown, default), ErrorCode.ResourceDoesNotExist);
        AssertRefused(async () => await Backend.DeleteRunAsync(Unknown, default), ErrorCode.ResourceDoesNotExist);
        AssertRefused(async () => await Backend.SetRunTagAsync(Unknown, "a", "b", default), ErrorCode.ResourceDoesNotExist);
        AssertRefused(
            async () => await Backend.UpdateRunAsync(Unknown, RunStatus.Failed, null, null, false, default),
            ErrorCode.ResourceDoesNotExist);
        AssertRefused(() => HistoryAsync(Unknown, "loss"), ErrorCode.ResourceDoesNotExist);
        AssertRefused(async () => await Backend.ListArtifactsAsync(Unknown, "", default), ErrorCode.ResourceDoesNotExist);
        AssertRefused(
            async () => await Backend.LogBatchAsync(new RunBatch { RunId = Unknown, Params = { new("a", "b") } }, default),
            ErrorCode.ResourceDoesNotExist);
    }

    [Test]
    public async Task An_update_changes_what_it_says_and_leaves_the_rest()
    {
        var run = await CreateRunAsync();
        await Backend.UpdateRunAsync(run.Id, RunStatus.Finished, Start.AddSeconds(5), null, false, default);
        await Backend.UpdateRunAsync(run.Id, null, null, "new name", false, default);
        var updated = await GetRunAsync(run);
        Assert.Multiple(() =>
        {
            Assert.That(updated.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(updated.Duration, Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(updated.Name, Is.EqualTo("new name"));
            Assert.That(updated.Tags["mlflow.runName"], Is.EqualTo("new name"));
        });
    }

    [Test]
    public async Task A_deleted_run_is_read_and_restored_but_not_written()
    {
        var run = await CreateRunAsync();
        await Backend.DeleteRunAsync(run.Id, default);
        await Backend.DeleteRunAsync(run.Id, default);
        Assert.That((await GetRunAsync(run)).LifecycleStage, Is.EqualTo(LifecycleStage.Deleted));
        AssertRefused(async () => await Backend.SetRunTagAsync(run.Id, "a", "b", default), ErrorCode.InvalidParameterValue);
        AssertRefused(
            async () => await Backend.UpdateRunAsync(run.Id, RunStatus.Failed, null, null, false, default),
            ErrorCode.InvalidParameterValue);
        await Backend.RestoreRunAsync(run.Id, default);
        await Backend.RestoreRunAsync(run.Id, default);
        await Backend.SetRunTagAsync(run.Id, "a", "b", default);
        Assert.That((await GetRunAsync(run)).Tags["a"], Is.EqualTo("b"));
    }

    [Test]
    public async Task A_runs_tags_are_set_replaced_and_deleted()
    {
        var run = await CreateRunAsync();
        await Backend.SetRunTagAsync(run.Id, "team", "a", default);
        await Backend.SetRunTagAsync(run.Id, "team", "näme\nzwei", default);
        await Backend.SetRunTagAsync(run.Id, "mlflow.runName", "by tag", default);
        var tagged = await GetRunAsync(run);
        Assert.That(tagged.Tags["team"], Is.EqualTo("näme\nzwei"));
        Assert.That(tagged.Name, Is.EqualTo("by tag"));
        await Backend.DeleteRunTagAsync(run.Id, "team", default);
        Assert.That((await GetRunAsync(run)).Tags, Does.Not.ContainKey("team"));
        AssertRefused(async () => await Backend.DeleteRunTagAsync(run.Id, "team", default), ErrorCode.ResourceDoesNotExist);
    }

    [Test]
    public async Task A_run_that_was_left_open_is_closed_unless_somebody_has_gone_on_with_it_or_ended_it()
    {
        var left = await CreateRunAsync((await CreateExperimentAsync()).Id);
        await Backend.SetRunTagAsync(left.Id, SystemTags.Session, "second", default);
        var seen = left.StartTime + TimeSpan.FromMinutes(1);

        Assert.That(await Backend.CloseRunAsync(left.Id, "first", RunStatus.Failed, seen, default), Is.False, "Somebody went on with it.");
        Assert.That((await Backend.GetRunAsync(left.Id, default)).Status, Is.EqualTo(RunStatus.Running));
        Assert.That(await Backend.CloseRunAsync(left.Id, "second", RunStatus.Failed, seen, default), Is.True);
        var closed = await Backend.GetRunAsync(left.Id, default);
        Assert.That((closed.Status, closed.EndTime), Is.EqualTo((RunStatus.Failed, seen)));
        Assert.That(await Backend.CloseRunAsync(left.Id, "second", RunStatus.Killed, seen, default), Is.False, "It has ended.");
        Assert.That((await Backend.GetRunAsync(left.Id, default)).Status, Is.EqualTo(RunStatus.Failed));
        AssertRefused(async () => await Backend.CloseRunAsync(Unknown, "second", RunStatus.Failed, seen, default), ErrorCode.ResourceDoesNotExist);
    }
}
