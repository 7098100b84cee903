using ModelTrack.Client.Torture.Checking;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>The end of a scenario: the last tracker delivers what the dead have left, and the store is read.</summary>
internal static class Finish
{
    /// <param name="place">The store.</param>
    /// <param name="journals">The folder of the journals; empty: the default.</param>
    /// <param name="ledgers">The folder of the ledgers.</param>
    /// <param name="limit">How long delivery may take.</param>
    /// <returns>What the store has, and what else is wrong.</returns>
    public static async Task<(Verdict Verdict, List<string> Faults)> RunAsync(Place place, string journals, string ledgers, TimeSpan limit)
    {
        using var over = new CancellationTokenSource(limit);
        var faults = new List<string>();
        try
        {
            while (!await DeliverAsync(place, journals, faults, over.Token))
            {
                // What one tracker found, it has tried; what came meanwhile is for the next.
            }
        }
        catch (OperationCanceledException)
        {
            faults.Add($"not all was delivered within {limit.TotalSeconds:0} s after the store was back for good");
        }

        using var reader = new Tracker(Options(place, ""));
        var stored = await place.ReadAsync(reader);
        var sessions = Ledger.OpenAll(ledgers);
        var verdict = Checker.Check(sessions, stored, place.Habits);
        sessions.ForEach(session => session.Dispose());
        return (verdict, faults);
    }

    private static async Task<bool> DeliverAsync(Place place, string journals, List<string> faults, CancellationToken cancellationToken)
    {
        await using var tracker = new Tracker(Options(place, journals));
        var report = await tracker.FlushAsync(cancellationToken);
        faults.AddRange(report.Rejections.Take(10).Select(rejection => $"rejected: {rejection}"));
        var left = await tracker.Journals.ListAsync(cancellationToken);
        return report.Pending == 0 && left.All(journal => journal.State == JournalState.InUse);
    }

    private static TrackerOptions Options(Place place, string journals) => new()
    {
        TrackingUri = place.TrackingUri,
        JournalDirectory = journals.Length > 0 ? journals : null,
        CaptureContext = false,
        ShutdownTimeout = TimeSpan.FromSeconds(1),
    };
}
