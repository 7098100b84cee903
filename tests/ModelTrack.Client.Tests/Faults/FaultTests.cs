using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>
/// Each fault in the way of each kind of request while a training goes on: nothing is lost, nothing is stored twice, and no log call waits
/// or throws.
/// </summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class FaultTests
{
    private static readonly StoreSemantics[] Stores = [StoreSemantics.Sql, StoreSemantics.FileStore];

    /// <summary>All cases, and not every second one where they hardly differ.</summary>
    public static readonly bool IsLong = Environment.GetEnvironmentVariable("MODELTRACK_TEST_LONG") == "1";

    private static readonly Fault ResetWhenApplied = Fault.OfSockets.Single(fault => fault.Name == "reset after it was applied");

    private static readonly Fault BadGateway = Fault.OfHttp.Single(fault => fault.Status == 502);

    private static IEnumerable<TestCaseData> Writes => Cases(Target.Batch, Target.Update, Target.Upload);

    private static IEnumerable<TestCaseData> Starts => Cases(Target.Creation, Target.Experiment);

    private static IEnumerable<TestCaseData> Looks => Cases(Target.History);

    [TestCaseSource(nameof(Writes))]
    public async Task Nothing_is_lost_or_doubled_and_no_call_waits(Fault fault, StoreSemantics store, Target target)
    {
        await using var stand = await FaultStand.StartAsync(store, fault);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "parent");
        run.Train(300);
        var met = stand.Front.Plan(target, fault, fault.Times);
        var child = stand.Keep(run.Run.StartChild("child"));
        child.Train(50);
        run.Train(300, from: 300);
        child.End();
        await stand.InTimeAsync(run.Run.EndAsync);
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(met(), Is.Positive);
    }

    [TestCaseSource(nameof(Looks))]
    public async Task What_may_be_stored_is_looked_up_however_the_look_up_fares(Fault fault, StoreSemantics store, Target target)
    {
        await using var stand = await FaultStand.StartAsync(store, fault);
        using var tracker = stand.Open();
        var run = stand.Start(tracker, "a");
        stand.Front.Plan(Target.Batch, fault.Deed is null ? BadGateway : ResetWhenApplied, 1);
        var met = stand.Front.Plan(target, fault, fault.Times);
        run.Points(300);
        await stand.InTimeAsync(run.Run.EndAsync);
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(met(), Is.Positive);
    }

    [TestCaseSource(nameof(Starts))]
    public async Task A_run_starts_once_or_the_caller_is_told(Fault fault, StoreSemantics store, Target target)
    {
        await using var stand = await FaultStand.StartAsync(store, fault);
        using var tracker = stand.Open();
        var met = stand.Front.Plan(target, fault, fault.Times);
        if (fault.IsNo)
        {
            for (var i = 0; i < fault.Times; i++)
            {
                Assert.That(() => tracker.StartRun("a"), Throws.InstanceOf<ModelTrackException>());
            }
        }

        var run = stand.Start(tracker, "a");
        var child = stand.Keep(run.Run.StartChild("child"));
        run.Train(50);
        child.Train(50);
        child.End();
        run.End();
        await stand.AssertAllIsStoredAsync(tracker);
        Assert.That(met(), Is.Positive);
        Assert.That(stand.Server.State.Runs.Single(stored => stored.Name == "child").Tags["mlflow.parentRunId"], Is.EqualTo(run.Run.Id));
    }

    /// <summary>
    /// The kind of store matters for what may be stored twice: points. Other requests meet each fault before one kind, in turn; before both
    /// with <c>MODELTRACK_TEST_LONG=1</c>.
    /// </summary>
    private static IEnumerable<TestCaseData> Cases(params Target[] targets)
        => from fault in Fault.OfHttp.Concat(Fault.OfSockets).Index()
           from store in Stores.Index()
           from target in targets.Index()
           where IsBorne(fault.Item, target.Item)
           where IsLong || target.Item == Target.Batch || target.Item == Target.History || (fault.Index + target.Index) % 2 == store.Index
           select new TestCaseData(fault.Item, store.Item, target.Item)
               .SetArgDisplayNames(fault.Item.Name, store.Item.ToString(), target.Item.Name);

    /// <summary>A file that is too large for a proxy, and an end that is, are refused.</summary>
    private static bool IsBorne(Fault fault, Target target) => fault.Status != 413 || (target != Target.Update && target != Target.Upload);
}
