namespace ModelTrack.Client.Tests.Child;

/// <summary>
/// The program that tests start to end it in every way that a program can end. Arguments: scenario, folder, further ones by scenario.
/// Says <c>run ID</c> when a run has been started, and <c>ready</c> when the test may act.
/// </summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<string[], int>> Scenarios =
        Endings.All.Concat(Crashes.All).Concat(Syncs.All).Concat(Surroundings.All).ToDictionary();

    private static int Main(string[] arguments) => Scenarios[arguments[0]](arguments[1..]);

    public static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    public static Tracker Open(string folder, Action<TrackerOptions>? change = null)
    {
        var options = new TrackerOptions { TrackingUri = folder, CaptureContext = false };
        change?.Invoke(options);
        return new Tracker(options);
    }

    public static Run Start(Tracker tracker, string? name = null)
    {
        var run = tracker.StartRun(name);
        Say("run " + run.Id);
        return run;
    }
}
