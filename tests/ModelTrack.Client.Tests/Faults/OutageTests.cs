using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>A server that goes away and comes back, and a client that does.</summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class OutageTests
{
    private const int Runs = 8;

    [Test]
    public async Task Eight_runs_outlive_a_server_that_is_away_for_a_while([Values] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        var runs = Enumerable.Range(0, Runs).Select(i => stand.Start(tracker, $"run {i}")).ToList();
        runs.ForEach(run => run.Train(200));
        await stand.Proxy.CloseAsync();
        runs.ForEach(run => run.Train(200, from: 200));
        await stand.Log.WaitAsync(EventLog.StoreAway, 4);
        var late = stand.Start(tracker, "started without a server");
        late.Train(100);
        stand.Proxy.Open();
        runs.ForEach(run => run.Train(200, from: 400));
        runs.Append(late).ToList().ForEach(run => run.End());
        await stand.AssertAllIsStoredAsync(tracker);
    }

    [Test]
    public async Task A_proxy_that_answers_for_a_server_that_is_away_makes_nothing_be_given_up([Values] StoreSemantics store, [Values(502, 503)] int status)
    {
        await using var stand = await FaultStand.StartAsync(store, haste: 200);
        using var tracker = stand.Open();
        var runs = Enumerable.Range(0, 3).Select(i => stand.Start(tracker, $"run {i}")).ToList();
        var left = 40;
        var fault = Fault.OfHttp.Single(one => one.Status == status);
        stand.Proxy.Script = _ => Interlocked.Decrement(ref left) < 0 ? Deed.Pass : new Deed(Reply.Whole, Applies: false, fault.Bytes(stand.Clock));
        runs.ForEach(run => run.File("early.txt", "text"));
        runs.ForEach(run => run.Train(100));
        runs.ForEach(run => run.End());
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(left, Is.Negative);
    }

    [Test]
    public async Task Files_wait_for_a_store_of_artifacts_that_is_away_while_the_server_is_there([Values] StoreSemantics store, [Values(500, 502, 504)] int status)
    {
        await using var stand = await FaultStand.StartAsync(store, haste: 200);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        var left = 60;
        var fault = Fault.OfHttp.Single(one => one.Status == status).Bytes(stand.Clock);
        stand.Proxy.Script = request => Target.Upload.Is(request.Method, request.Target) && Interlocked.Decrement(ref left) >= 0
            ? new Deed(Reply.Whole, Applies: false, fault)
            : Deed.Pass;
        run.Train(100);
        run.End();
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(left, Is.Negative);
    }

    [Test]
    public async Task A_file_that_alone_is_not_taken_does_not_hold_up_its_run()
    {
        await using var stand = await FaultStand.StartAsync(StoreSemantics.Sql, haste: 200);
        using var tracker = stand.Open();
        using var run = tracker.StartRun("a");
        var fault = Fault.OfHttp.Single(one => one.Status == 504).Bytes(stand.Clock);
        stand.Proxy.Script = request => request.Target.EndsWith("poison.bin", StringComparison.Ordinal) ? new Deed(Reply.Whole, Applies: false, fault) : Deed.Pass;
        run.LogText("poison.bin", "too slow for the proxy").LogText("good.txt", "text").LogMetric("loss", 1);
        var report = await stand.InTimeAsync(run.EndAsync);
        Assert.That(report.Rejections.Select(rejection => (rejection.Kind, rejection.Key)), Is.EqualTo(new[] { ("artifact", "poison.bin") }));
        Assert.That((await tracker.Runs.GetAsync(run.Id)).Metrics["loss"].Value, Is.EqualTo(1));
        Assert.That(stand.Server.State.Artifacts.Keys, Has.Some.EndsWith("good.txt"));
    }

    /// <summary>What was on its way when the client died is not known to have arrived, and may have.</summary>
    [Test]
    public async Task The_next_client_goes_on_where_one_died_with_requests_under_way(
        [Values] StoreSemantics store, [Values] bool applied)
    {
        await using var stand = await FaultStand.StartAsync(store);
        var underWay = new CountdownEvent(Runs);
        using (var dying = stand.Open())
        {
            var runs = Enumerable.Range(0, Runs).Select(i => stand.Start(dying, $"run {i}")).ToList();
            runs.ForEach(run => run.Train(100));
            await stand.InTimeAsync(dying.FlushAsync);
            stand.Proxy.Script = request =>
            {
                if (!Target.Batch.Is(request.Method, request.Target))
                {
                    return Deed.Pass;
                }

                return new Deed(Reply.Silence, applied) { Done = () => underWay.Signal() };
            };
            runs.ForEach(run => run.Train(600, from: 100));
            await Task.Run(() => underWay.Wait(TimeSpan.FromSeconds(20)));
        }

        Assert.That(underWay.IsSet);
        await stand.Proxy.IdleAsync();
        stand.Proxy.Script = _ => Deed.Pass;
        using var next = stand.Open();
        await stand.AssertAllIsStoredAsync(next);
    }
}
