using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Backends.Files;

[TestFixture]
internal sealed class BatchWriterTests
{
    private TempStore _store = null!;

    [SetUp]
    public void MakeStore() => _store = new TempStore();

    [TearDown]
    public void RemoveStore() => _store.Dispose();

    [Test]
    public async Task What_a_batch_brings_is_read_back()
    {
        var run = await _store.CreateRunAsync();
        var end = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_009_999);
        var batch = new RunBatch { RunId = run.Id, Status = new StatusRecord(RunStatus.Finished, end) };
        batch.Params.Add(new ParamRecord("lr", "0.1"));
        batch.Tags.Add(new TagRecord("mlflow.runName", "renamed"));
        batch.Metrics.Add(new MetricRecord(1, "val/loss", new MetricPoint(0.5, 3, 1_700_000_000_000)));
        Assert.That(await _store.Backend.LogBatchAsync(batch, default), Is.Empty);

        var stored = await _store.Backend.GetRunAsync(run.Id, default);
        Assert.Multiple(() =>
        {
            Assert.That(stored.Name, Is.EqualTo("renamed"));
            Assert.That(stored.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(stored.EndTime, Is.EqualTo(end));
            Assert.That(stored.Params["lr"], Is.EqualTo("0.1"));
            Assert.That(stored.Metrics["val/loss"], Is.EqualTo(new MetricPoint(0.5, 3, 1_700_000_000_000)));
        });
    }

    [Test]
    public async Task A_run_that_goes_on_has_no_end_time()
    {
        var run = await _store.CreateRunAsync();
        await _store.Backend.LogBatchAsync(
            new RunBatch { RunId = run.Id, Status = new StatusRecord(RunStatus.Failed, DateTimeOffset.UnixEpoch) }, default);
        await _store.Backend.LogBatchAsync(new RunBatch { RunId = run.Id, Status = new StatusRecord(RunStatus.Running, null) }, default);
        var stored = await _store.Backend.GetRunAsync(run.Id, default);
        Assert.That(stored.Status, Is.EqualTo(RunStatus.Running));
        Assert.That(stored.EndTime, Is.Null);
    }

    [Test]
    public async Task A_deleted_run_refuses_and_a_missing_one_throws()
    {
        var run = await _store.CreateRunAsync();
        await _store.Backend.DeleteRunAsync(run.Id, default);
        var batch = new RunBatch { RunId = run.Id };
        batch.Params.Add(new ParamRecord("lr", "0.1"));
        var refusals = await _store.Backend.LogBatchAsync(batch, default);
        Assert.That(refusals.Single().Reason, Does.Contain(run.Id).And.Contain("is deleted"));

        batch.RunId = new string('a', 32);
        var error = Assert.ThrowsAsync<ModelTrackException>(async () => await _store.Backend.LogBatchAsync(batch, default));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
    }

    [Test]
    public async Task A_damaged_meta_file_costs_only_the_status()
    {
        var run = await _store.CreateRunAsync();
        TempStore.WriteOld(Path.Combine(_store.FolderOf(run), "meta.yaml"), "a: [");
        var batch = new RunBatch { RunId = run.Id, Status = new StatusRecord(RunStatus.Finished, null) };
        batch.Metrics.Add(new MetricRecord(1, "loss", new MetricPoint(0.5, 3, 1_700_000_000_000)));
        var refusals = await _store.Backend.LogBatchAsync(batch, default);
        Assert.That(refusals.Single().Part, Is.EqualTo(BatchPart.Status));
        Assert.That(File.ReadAllText(Path.Combine(_store.FolderOf(run), "metrics/loss")), Is.EqualTo("1700000000000 0.5 3\n"));
    }
}
