namespace ModelTrack.Client;

/// <summary>What a log call does when the journal has reached <see cref="TrackerOptions.JournalByteCap"/>.</summary>
public enum JournalFullMode
{
    /// <summary>
    /// Waits for room, at most <see cref="TrackerOptions.JournalFullTimeout"/> since the journal became full; then as <see cref="Refuse"/>.
    /// </summary>
    Wait,

    /// <summary>Does not take the record: it is counted as rejected and stands in the report, and the log says once that
    /// the journal is full. The call does not throw.</summary>
    Refuse,
}
