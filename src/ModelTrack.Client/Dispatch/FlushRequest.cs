using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>Somebody waits until all before a position is settled.</summary>
internal sealed class FlushRequest(JournalPosition position)
{
    public JournalPosition Position => position;

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was set aside has been made due for it once.</summary>
    public bool SawRetry { get; set; }
}
