using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>A server that carries out what it was asked for when nobody waits for the answer any more.</summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class LateTests
{
    private static readonly StoreSemantics[] Stores = [StoreSemantics.Sql, StoreSemantics.FileStore];

    /// <summary>
    /// The client waits 0.6 s for an answer and comes back after 0.1 to 0.2 s; a request that got none is taken to be under way for another
    /// three seconds.
    /// </summary>
    private static readonly Fault[] Faults =
    [
        Fault.Late(Reply.Whole, TimeSpan.FromSeconds(0.3)),
        Fault.Late(Reply.Reset, TimeSpan.FromSeconds(0.3)),
        Fault.Late(Reply.Silence, TimeSpan.FromSeconds(0.9)),
    ];

    private static IEnumerable<TestCaseData> Cases
        => from fault in Faults from store in Stores select new TestCaseData(fault, store).SetArgDisplayNames(fault.Name, store.ToString());

    [Test]
    public async Task A_run_whose_creation_takes_longer_than_the_start_waits_is_created_once([ValueSource(nameof(Stores))] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open(options => options.StartTimeout = TimeSpan.FromSeconds(2));
        stand.Proxy.Script = request => Target.Creation.Is(request.Method, request.Target)
            ? new Deed(Reply.Whole, Applies: true) { Late = TimeSpan.FromSeconds(4) }
            : Deed.Pass;
        var run = stand.Start(tracker, "a");
        Assert.That(run.Run.HasId, Is.False);
        run.Train(100);
        run.End();
        await stand.AssertAllIsStoredAsync(tracker);
    }

    [TestCaseSource(nameof(Cases))]
    public async Task A_run_that_is_created_late_is_there_once(Fault fault, StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store, haste: 2);
        using var tracker = stand.Open();
        stand.Front.Plan(Target.Creation, fault, 1);
        var run = stand.Start(tracker, "a");
        run.Train(100);
        run.End();
        await stand.InTimeAsync(tracker.FlushAsync);
        await stand.Proxy.AllIsThereAsync();
        await stand.AssertAllIsStoredAsync(tracker);
    }

    [TestCaseSource(nameof(Cases))]
    public async Task A_batch_that_is_stored_late_is_there_once(Fault fault, StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store, haste: 2);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        var met = stand.Front.Plan(Target.Batch, fault, 1);
        run.Points(300);
        run.End();
        await stand.InTimeAsync(tracker.FlushAsync);
        await stand.Proxy.AllIsThereAsync();
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(met(), Is.EqualTo(1));
    }

    /// <summary>The look for it fails at once, which says nothing of how long the batch itself may take.</summary>
    [Test]
    public async Task A_batch_that_is_stored_late_is_there_once_although_the_first_look_for_it_fails()
    {
        await using var stand = await FaultStand.StartAsync(StoreSemantics.FileStore, haste: 4);
        using var tracker = stand.Open(requestTimeout: TimeSpan.FromSeconds(5));
        var run = stand.Start(tracker, "a");
        var (batches, looks) = (1, 2);
        stand.Proxy.Script = request =>
            Target.Batch.Is(request.Method, request.Target) && Interlocked.Decrement(ref batches) >= 0
                ? new Deed(Reply.Silence, Applies: true) { Late = TimeSpan.FromSeconds(9.5) }
            : Target.History.Is(request.Method, request.Target) && Interlocked.Decrement(ref looks) >= 0 ? new Deed(Reply.Reset, Applies: false)
            : Deed.Pass;
        run.Points(300);
        run.End();
        await stand.InTimeAsync(tracker.FlushAsync);
        await stand.Proxy.AllIsThereAsync();
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(looks, Is.Negative);
    }

    /// <summary>
    /// A server that stood still, answers again, and then carries out what it was asked for before: only a look that comes after that sees it.
    /// </summary>
    [Test]
    public async Task A_batch_that_a_server_stores_after_it_stood_still_is_there_once([ValueSource(nameof(Stores))] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store, haste: 2);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        var batch = Fault.Late(Reply.Silence, TimeSpan.FromSeconds(2.4)).Deed!;
        var began = stand.Clock.GetTimestamp();
        var isFirst = 1;
        stand.Proxy.Script = request => Target.Batch.Is(request.Method, request.Target) && Interlocked.Exchange(ref isFirst, 0) == 1 ? batch
            : stand.Clock.GetElapsedTime(began) < TimeSpan.FromSeconds(2) ? new Deed(Reply.Silence, Applies: false)
            : Deed.Pass;
        run.Points(300);
        run.End();
        await stand.InTimeAsync(tracker.FlushAsync);
        await stand.Proxy.AllIsThereAsync();
        await stand.AssertAllIsStoredAsync(tracker);
    }

    [Test]
    public async Task A_run_that_is_created_when_nobody_could_expect_it_is_deleted([ValueSource(nameof(Stores))] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        stand.Front.Plan(Target.Creation, Fault.Late(Reply.Reset, TimeSpan.FromSeconds(20)), 1);
        var run = tracker.StartRun("a");
        var id = await stand.InTimeAsync(run.GetIdAsync);
        run.LogMetric("loss", 1);
        await stand.Proxy.AllIsThereAsync();
        Assert.That(stand.Server.State.Runs, Has.Count.EqualTo(2));
        await stand.InTimeAsync(run.EndAsync);
        Assert.That(
            stand.Server.State.Runs.Select(stored => (stored.Id == id, stored.Status, stored.IsDeleted)),
            Is.EquivalentTo(new[] { (true, "FINISHED", false), (false, "KILLED", true) }));
    }

    [Test]
    public async Task A_start_that_the_caller_gives_up_while_it_is_carried_out_is_ended([ValueSource(nameof(Stores))] StoreSemantics store)
    {
        await using var stand = await FaultStand.StartAsync(store);
        using var tracker = stand.Open();
        using var giveUp = new CancellationTokenSource();
        stand.Proxy.Script = request =>
        {
            if (!Target.Creation.Is(request.Method, request.Target))
            {
                return Deed.Pass;
            }

            giveUp.Cancel();
            return new Deed(Reply.Whole, Applies: true) { Late = TimeSpan.FromSeconds(1) };
        };
        Assert.That(async () => await tracker.StartRunAsync("a", cancellationToken: giveUp.Token), Throws.InstanceOf<OperationCanceledException>());
        await stand.InTimeAsync(tracker.FlushAsync);
        Assert.That(stand.Server.State.Runs.Select(stored => stored.Status), Is.EqualTo(new[] { "KILLED" }));
    }
}
