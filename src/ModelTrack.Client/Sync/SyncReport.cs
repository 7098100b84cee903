namespace ModelTrack.Client;

/// <summary>What a sync did, or in a dry run would do.</summary>
public sealed record SyncReport
{
    /// <summary>It was a dry run: nothing was written.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Everything that was looked at, in that order. It takes some hundred bytes of memory for each.</summary>
    public IReadOnlyList<SyncItem> Items { get; init; } = [];

    /// <summary>The runs among <see cref="Items"/>.</summary>
    public IEnumerable<SyncItem> Runs => Items.Where(item => item.Kind == SyncItemKind.Run);

    /// <summary>How much was copied in all.</summary>
    public SyncCounts Copied => SyncCounts.Sum(Items.Select(item => item.Copied));

    /// <summary>Everything is in the target as it is in the source: there was no conflict and no failure.</summary>
    public bool IsComplete => Items.All(item => item.Outcome is SyncOutcome.Unchanged or SyncOutcome.Copied);

    /// <summary>Counts items.</summary>
    /// <param name="kind">What to count.</param>
    /// <param name="outcome">What became of it.</param>
    /// <returns>How many there are.</returns>
    public int Count(SyncItemKind kind, SyncOutcome outcome) => Items.Count(item => item.Kind == kind && item.Outcome == outcome);

    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(
            System.Globalization.CultureInfo.InvariantCulture,
            $"Runs copied = {Count(SyncItemKind.Run, SyncOutcome.Copied)}, unchanged = {Count(SyncItemKind.Run, SyncOutcome.Unchanged)}, ");
        text.Append(
            System.Globalization.CultureInfo.InvariantCulture,
            $"in conflict = {Count(SyncItemKind.Run, SyncOutcome.Conflict)}, failed = {Count(SyncItemKind.Run, SyncOutcome.Failed)}, ");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{Copied}");
        return true;
    }
}
