namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>Tracker.Run and RunAsync end a run exactly as their code ended.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunBodyTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly Tracker _tracker;
    private string _id = "";

    public RunBodyTests() => _tracker = StoredRun.Open(_scratch["mlruns"]);

    public void Dispose()
    {
        _tracker.Dispose();
        _scratch.Dispose();
    }

    [Test]
    public async Task Code_that_ends_well_has_finished()
    {
        _tracker.Run("sync", run => _id = run.LogMetric("a", 1).Id);
        Assert.That((await EndedAsync()).Status, Is.EqualTo(RunStatus.Finished));
        Assert.That(await _tracker.RunAsync("async", (run, _) => Task.FromResult(_id = run.Id)), Is.EqualTo(_id));
        Assert.That((await EndedAsync()).Status, Is.EqualTo(RunStatus.Finished));
    }

    [Test]
    public async Task Code_that_throws_has_failed_with_the_exception_recorded()
    {
        Assert.That(() => _tracker.Run("sync", run => Throw(run, new FormatException("first"))), Throws.TypeOf<FormatException>());
        var run = await EndedAsync();
        Assert.That((run.Status, run.Tags["exception.message"]), Is.EqualTo((RunStatus.Failed, "first")));

        Assert.That(
            () => _tracker.RunAsync("async", async (r, ct) =>
            {
                await Task.Yield();
                Throw(r, new FormatException("second"));
            }),
            Throws.TypeOf<FormatException>());
        run = await EndedAsync();
        Assert.That((run.Status, run.Tags["exception.message"]), Is.EqualTo((RunStatus.Failed, "second")));
    }

    [Test]
    public async Task Code_that_is_cancelled_is_killed()
    {
        using var cancel = new CancellationTokenSource();
        Assert.That(
            () => _tracker.RunAsync(
                "async",
                async (run, token) =>
                {
                    _id = run.Id;
                    await cancel.CancelAsync();
                    await Task.Delay(Timeout.Infinite, token);
                },
                cancellationToken: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await EndedAsync()).Status, Is.EqualTo(RunStatus.Killed));

        Assert.That(() => _tracker.Run("sync", run => Throw(run, new OperationCanceledException())), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await EndedAsync()).Status, Is.EqualTo(RunStatus.Killed));
    }

    [Test]
    public async Task A_time_out_inside_the_code_is_a_failure_and_not_a_cancellation()
    {
        Assert.That(
            () => _tracker.RunAsync("async", (run, _) => FailAsync(run, new TaskCanceledException("too slow"))),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await EndedAsync()).Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public async Task An_end_that_was_said_in_the_code_stays()
    {
        _tracker.Run("sync", run =>
        {
            _id = run.Id;
            run.End(RunStatus.Killed);
        });
        Assert.That((await EndedAsync()).Status, Is.EqualTo(RunStatus.Killed));
    }

    private void Throw(Run run, Exception exception)
    {
        _id = run.Id;
        throw exception;
    }

    private async Task FailAsync(Run run, Exception exception)
    {
        await Task.Yield();
        Throw(run, exception);
    }

    private async Task<RunSnapshot> EndedAsync()
    {
        await _tracker.FlushAsync();
        return await _tracker.Runs.GetAsync(_id);
    }
}
