using System.Text;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Memory;

namespace ModelTrack.Client.Tests.Backends.Memory;

/// <summary>What is the memory store's own; what it shares with the others is in the conformance tests.</summary>
[TestFixture]
internal sealed class MemoryBackendTests : BackendFixture
{
    private readonly FakeTimeProvider _clock = new(Start);

    private protected override ITrackingBackend Open() => new MemoryBackend(_clock);

    [Test]
    public void It_is_named_by_its_scheme_and_its_keys_are_no_paths()
    {
        Assert.That(Backend.Destination, Is.EqualTo("memory:"));
        Assert.That(Backend.KeysArePaths, Is.False);
    }

    [Test]
    public async Task Experiments_count_up_from_the_default_one()
    {
        Assert.That((await CreateExperimentAsync()).Id, Is.EqualTo("1"));
        var second = await CreateExperimentAsync();
        Assert.That((second.Id, second.ArtifactLocation), Is.EqualTo(("2", "memory:/2")));
        AssertRefused(async () => await Backend.DeleteExperimentAsync("0", default), ErrorCode.InvalidParameterValue);
    }

    [Test]
    public async Task An_experiment_knows_when_it_was_made_and_last_changed()
    {
        var id = (await CreateExperimentAsync()).Id;
        _clock.Advance(TimeSpan.FromSeconds(3));
        await Backend.RenameExperimentAsync(id, "renamed", default);
        var experiment = await Backend.GetExperimentAsync(id, default);
        Assert.That((experiment.CreationTime, experiment.LastUpdateTime), Is.EqualTo((Start, Start.AddSeconds(3))));
    }

    [Test]
    public async Task A_run_gets_the_id_that_is_asked_for_once()
    {
        var creation = new RunCreation { RunId = "abc", ExperimentId = "0", StartTime = Start.AddTicks(5) };
        var run = await Backend.CreateRunAsync(creation, default);
        Assert.That((run.Id, run.ArtifactUri, run.StartTime), Is.EqualTo(("abc", "memory:/0/abc/artifacts", Start)));
        AssertRefused(async () => await Backend.CreateRunAsync(creation, default), ErrorCode.ResourceAlreadyExists);
    }

    [Test]
    public async Task A_run_that_goes_on_has_no_end()
    {
        var run = await CreateRunAsync("0");
        await LogAsync(run, batch => batch.Status = new StatusRecord(RunStatus.Finished, Start));
        await LogAsync(run, batch => batch.Status = new StatusRecord(RunStatus.Running, null));
        Assert.That((await GetRunAsync(run)).EndTime, Is.Null);
        await Backend.UpdateRunAsync(run.Id, RunStatus.Failed, Start, null, false, default);
        await Backend.UpdateRunAsync(run.Id, RunStatus.Running, null, null, clearEndTime: true, default);
        Assert.That((await GetRunAsync(run)).EndTime, Is.Null);
    }

    [Test]
    public async Task A_key_and_a_key_below_it_stand_side_by_side()
    {
        var run = await CreateRunAsync("0");
        Assert.That(await LogAsync(run, batch => batch.Metrics.AddRange([Metric("a", 1, 0), Metric("a/b", 2, 0)])), Is.Empty);
        Assert.That((await GetRunAsync(run)).Metrics, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Points_are_kept_in_the_order_of_logging_even_equal_ones()
    {
        var run = await CreateRunAsync("0");
        MetricRecord[] points = [Metric("a", 1, 5), Metric("a", 2, 3), Metric("a", 2, 3), Metric("a", double.PositiveInfinity, 4)];
        await LogAsync(run, batch => batch.Metrics.AddRange(points));
        Assert.That(await HistoryAsync(run.Id, "a"), Is.EqualTo(points.Select(p => p.Point)));
    }

    [Test]
    public async Task A_snapshot_does_not_follow_later_changes()
    {
        var run = await CreateRunAsync("0");
        await LogAsync(run, batch => batch.Tags.Add(new("later", "1")));
        Assert.That(run.Tags, Does.Not.ContainKey("later"));
    }

    [Test]
    public async Task An_artifact_cannot_be_a_folder_as_well()
    {
        var run = await CreateRunAsync("0");
        await WriteArtifactAsync(run, "a/b", "1");
        AssertRefused(() => WriteArtifactAsync(run, "a", "2"), ErrorCode.InvalidParameterValue);
        AssertRefused(() => WriteArtifactAsync(run, "a/b/c", "3"), ErrorCode.InvalidParameterValue);
        await Backend.DeleteRunAsync(run.Id, default);
        AssertRefused(() => WriteArtifactAsync(run, "d", "4"), ErrorCode.InvalidParameterValue);
        Assert.That(await ReadArtifactAsync(run, "a/b"), Is.EqualTo("1"));
    }

    [Test]
    public async Task An_artifact_that_is_being_read_keeps_its_content()
    {
        var run = await CreateRunAsync("0");
        await WriteArtifactAsync(run, "a", "old");
        using var stream = await Backend.OpenArtifactAsync(run.Id, "a", default);
        await WriteArtifactAsync(run, "a", "new");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("old"));
    }

    [Test]
    public async Task A_malformed_search_throws_into_the_task()
    {
        var search = Backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["0"], Filter = "metrics.a >" }, null, default).AsTask();
        Assert.ThrowsAsync(Is.InstanceOf<ArgumentException>(), () => search);
        var page = Backend.SearchRunsAsync(new RunQuery { ExperimentIds = ["0"] }, "no token", default).AsTask();
        Assert.ThrowsAsync<ArgumentException>(() => page);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.ThrowsAsync<TaskCanceledException>(async () => await Backend.GetExperimentAsync("0", cancelled.Token));
    }

    [Test]
    public async Task Several_threads_lose_nothing()
    {
        var run = await CreateRunAsync("0");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                await LogAsync(run, batch => batch.Metrics.Add(Metric("shared", thread, i)));
                await Backend.GetRunAsync(run.Id, default);
            }
        })));
        Assert.That(await HistoryAsync(run.Id, "shared"), Has.Count.EqualTo(2000));
    }
}
