using System.Diagnostics;
using System.Globalization;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>
/// A process that logs with its server there and with its server away, and says what that cost: a line
/// <c>median share longest memory</c> each (nanoseconds, a share of one, milliseconds, bytes of growth). It goes on when it is told to.
/// </summary>
internal static class OfflineWriter
{
    public const string Verb = "offline-writer";
    public const int Metrics = 4;

    /// <summary>So many points are logged before anything is measured, and with the server there.</summary>
    public const int WarmPoints = 300_000;

    public static async Task<int> RunAsync(string trackingUri, string journals, int points)
    {
        await using var tracker = new Tracker(new TrackerOptions
        {
            TrackingUri = trackingUri,
            JournalDirectory = journals,
            CaptureContext = false,
            ShutdownTimeout = TimeSpan.FromMinutes(10),
        });
        var run = tracker.StartRun("offline");
        Log(run, 0, WarmPoints);
        await tracker.FlushAsync();
        GC.Collect();
        var up = Measure(run, WarmPoints, WarmPoints);
        await tracker.FlushAsync();
        Console.Out.WriteLine(up);
        await Console.In.ReadLineAsync();
        Console.Out.WriteLine(Measure(run, 2 * WarmPoints, points));
        await Console.In.ReadLineAsync();
        var report = await run.EndAsync();
        Console.Out.WriteLine(report);
        return report.Rejected == 0 ? 0 : 1;
    }

    private static string Measure(Run run, int from, int count)
    {
        var before = PrivateMemory.Now;
        using var memory = new PrivateMemory();
        var times = Log(run, from, count);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{times.Median} {times.UnderOneMillisecond:0.0000000} {times.Longest.TotalMilliseconds:0.000} {memory.Most - before}");
    }

    private static CallTimes Log(Run run, int from, int count)
    {
        var times = new CallTimes();
        string[] keys = [.. Enumerable.Range(0, Metrics).Select(metric => $"m{metric}")];
        for (var n = from; n < from + count; n++)
        {
            var start = Stopwatch.GetTimestamp();
            run.LogMetric(keys[n % Metrics], n, n);
            times.Add(start, Stopwatch.GetTimestamp());
        }

        return times;
    }
}
