namespace ModelTrack.Client.Journal;

/// <summary>What of <see cref="TrackerOptions"/> concerns the journal.</summary>
internal sealed record JournalOptions
{
    public int SegmentSize { get; init; } = Segment.DefaultSize;

    public long ByteCap { get; init; } = 1L << 30;

    public JournalFullMode WhenFull { get; init; } = JournalFullMode.Wait;

    public TimeSpan FullTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
