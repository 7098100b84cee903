using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>Somebody waits until all before a position is settled; of one run, or (null) of all, adopted journals included.</summary>
internal sealed class FlushRequest(JournalPosition position, JournalRun? run)
{
    public JournalRun? Run => run;

    public JournalPosition Position => position;

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was set aside has been made due for it once.</summary>
    public bool SawRetry { get; set; }
}
