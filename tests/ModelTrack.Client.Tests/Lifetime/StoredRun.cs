using System.Globalization;

namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>Looks at a folder of runs that a child process has left.</summary>
internal static class StoredRun
{
    public static Tracker Open(string folder) => new(new TrackerOptions { TrackingUri = folder, CaptureContext = false });

    /// <summary>The status as it stands in the folder, before anybody adopts anything.</summary>
    public static RunStatus StatusInFolder(string folder, string runId)
    {
        var line = File.ReadLines(Path.Combine(folder, "0", runId, "meta.yaml")).Single(l => l.StartsWith("status:", StringComparison.Ordinal));
        return (RunStatus)int.Parse(line["status:".Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>The run after a fresh tracker has adopted what its process left.</summary>
    public static async Task<RunSnapshot> AdoptAsync(string folder, string runId)
    {
        using var tracker = Open(folder);
        var report = await tracker.FlushAsync();
        Assert.That(report.Rejections, Is.Empty);
        Assert.That(report.Pending, Is.Zero);
        return await tracker.Runs.GetAsync(runId);
    }

    /// <summary>The steps of a metric's points, in the order of the store.</summary>
    public static async Task<List<long>> StepsAsync(Tracker tracker, string runId, string key)
    {
        var steps = new List<long>();
        await foreach (var point in tracker.Runs.GetMetricHistoryAsync(runId, key))
        {
            steps.Add(point.Step);
        }

        return steps;
    }

    /// <summary>Journals that lie in the folder.</summary>
    public static string[] Journals(string folder) => Directory.GetFiles(folder, ".modeltrack-*");
}
