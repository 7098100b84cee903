using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>A run whose latest batch could not be stored: where to go on, and when.</summary>
internal sealed class BlockedRun(JournalRun run, JournalPosition resumeAt, BackOff backOff)
{
    public JournalRun Run => run;

    public JournalPosition ResumeAt { get; set; } = resumeAt;

    public BackOff BackOff => backOff;

    /// <summary>How many tries failed in a way that nobody foresaw.</summary>
    public int UnforeseenFailures { get; set; }

    /// <summary>On the clock's timestamp scale.</summary>
    public long FailedAt { get; set; }

    public TimeSpan Wait { get; set; }
}
