using System.Globalization;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>
/// Faults at random, of all kinds and in the way of all requests, while eight runs log and, once, the client dies. The variable
/// <c>MODELTRACK_FAULT_SEEDS</c> asks for more: <c>100</c> for as many seeds, <c>7-7</c> for those from one to another.
/// </summary>
[Parallelizable(ParallelScope.Children)]
internal sealed class RandomFaultTests
{
    private const int Runs = 8;
    private const int FaultyRequests = 200;
    private const double Probability = 0.25;

    /// <summary>All that do not need a faster clock.</summary>
    private static readonly List<Fault> Faults = [.. Fault.OfSockets, .. Fault.OfHttp.Where(fault => fault.Haste == Fault.OfHttp[0].Haste)];

    /// <summary>What a server that says no stops by right: the start of a run; and, where it is said to be too large, what has no parts.</summary>
    private static readonly Target[] Starts =
        [Target.Creation, Target.Experiment, Target.Search, new("experiments", "GET", "/experiments/"), Target.Update, Target.Upload];

    private static IEnumerable<int> Seeds
    {
        get
        {
            var asked = (Environment.GetEnvironmentVariable("MODELTRACK_FAULT_SEEDS") ?? "3").Split('-');
            var bounds = asked.Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToList();
            return bounds.Count == 1 ? Enumerable.Range(1, bounds[0]) : Enumerable.Range(bounds[0], bounds[1] - bounds[0] + 1);
        }
    }

    [Test]
    public async Task Whatever_happens_on_the_way_all_arrives_once([Values] StoreSemantics store, [ValueSource(nameof(Seeds))] int seed)
    {
        await using var stand = await FaultStand.StartAsync(store);
#pragma warning disable CA5394 // A seed must lead to the same numbers again.
        var random = new Random(seed);
        var faults = Enumerable.Range(0, FaultyRequests)
            .Select(_ => random.NextDouble() < Probability ? Faults[random.Next(Faults.Count)] : null)
            .ToList();
        var diesAfter = random.Next(FaultyRequests);
#pragma warning restore CA5394
        var died = new TaskCompletionSource();
        var next = -1;
        stand.Proxy.Script = request =>
        {
            var number = Interlocked.Increment(ref next);
            if (number == diesAfter)
            {
                died.TrySetResult();
            }

            return number < FaultyRequests && faults[number] is { } fault && !(fault.IsNo && Array.Exists(Starts, start => start.Is(request.Method, request.Target)))
                ? fault.Deed ?? new Deed(Reply.Whole, Applies: false, fault.Bytes(stand.Clock))
                : Deed.Pass;
        };
        using (var dying = stand.Open())
        {
            Train(stand, dying, "early");
            await Task.WhenAny(died.Task, stand.InTimeAsync(dying.FlushAsync));
        }

        // What is on its way arrives before anybody looks what has.
        await stand.Proxy.IdleAsync();
        using var tracker = stand.Open();
        Train(stand, tracker, "late");
        await stand.AssertAllIsStoredAsync(tracker);
    }

    private static void Train(FaultStand stand, Tracker tracker, string name)
    {
        var runs = Enumerable.Range(0, Runs).Select(i => stand.Start(tracker, $"{name} {i}")).ToList();
        for (var step = 0; step < 600; step += 100)
        {
            runs.ForEach(run => run.Train(100, from: step));
        }

        var child = stand.Keep(runs[0].Run.StartChild($"{name} child"));
        child.Train(100);
        child.End();
        runs.ForEach(run => run.End());
    }
}
