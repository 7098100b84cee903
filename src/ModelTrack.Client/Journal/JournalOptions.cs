namespace ModelTrack.Client.Journal;

/// <summary>What of <see cref="TrackerOptions"/> concerns the journal.</summary>
internal sealed record JournalOptions
{
    public int SegmentSize { get; init; } = Segment.DefaultSize;

    public long ByteCap { get; init; } = 1L << 30;

    public long ArtifactByteCap { get; init; } = 10L << 30;

    public JournalFullMode WhenFull { get; init; } = JournalFullMode.Wait;

    public TimeSpan FullTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For tests: how segments get to their files, where it is not the file system that decides.</summary>
    public SegmentMode? Mode { get; init; }
}
