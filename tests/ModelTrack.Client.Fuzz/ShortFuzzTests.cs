using ModelTrack.Client.Fuzz.Running;
using ModelTrack.Client.Fuzz.Targets;

namespace ModelTrack.Client.Fuzz;

/// <summary>The short form: the same inputs every time, about a second of them for each target.</summary>
internal sealed class ShortFuzzTests
{
    private const int Seed = 20_260_401;

    [TestCaseSource(typeof(AllTargets), nameof(AllTargets.Names))]
    public void Any_bytes_are_read_or_refused_as_documented(string target)
    {
        var report = OnSmallStack(() =>
        {
            using var fuzzed = AllTargets.Create(target);
            return new FuzzRun(fuzzed, Seed).RunInputs(fuzzed.ShortCount);
        });
        TestContext.Out.WriteLine(FuzzReport.Header + "\n" + report);
        Assert.That(report.Partial + report.Read, Is.GreaterThan(report.Inputs / 10), "The inputs should get past the first check.");
    }

    private static T OnSmallStack<T>(Func<T> run)
    {
        var task = new Task<T>(run);
        var thread = new Thread(task.RunSynchronously, LongRun.StackSize) { IsBackground = true };
        thread.Start();
        Assert.That(thread.Join(TimeSpan.FromMinutes(5)), Is.True, "A reader does not come to an end.");
        return task.GetAwaiter().GetResult();
    }
}
