using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>A dead process's journal on its way: first its records are delivered, then its open runs are closed, then it goes.</summary>
internal sealed class AdoptedJournal(DeadJournal journal, JournalDrain drain)
{
    private readonly BackOff _backOff = new(Random.Shared);
    private long _failedAt;
    private TimeSpan _wait;

    public DeadJournal Journal => journal;

    public JournalDrain Drain => drain;

    private bool IsDrained => drain.IsSettledTo(journal.Log.End);

    /// <summary>The latest try failed; a flush does not wait for it.</summary>
    public bool IsStuck => drain.IsBlocked || _wait > TimeSpan.Zero;

    private bool IsDue(TimeProvider clock) => _wait == TimeSpan.Zero || clock.GetElapsedTime(_failedAt) >= _wait;

    public TimeSpan? NextTry(TimeProvider clock)
    {
        if (_wait == TimeSpan.Zero)
        {
            return drain.NextTry;
        }

        var left = _wait - clock.GetElapsedTime(_failedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Somebody waits for it: it gets another chance at once.</summary>
    public void RetryNow()
    {
        _wait = TimeSpan.Zero;
        drain.RetryNow();
    }

    /// <summary>Delivers some of it and finishes it when all is delivered. Its trouble is its own: nothing but a cancellation is thrown.</summary>
    public async Task<(bool Worked, bool Finished)> StepAsync(
        ITrackingBackend backend, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        if (!IsDue(clock))
        {
            return (false, false);
        }

        try
        {
            var worked = !IsDrained && await drain.StepAsync(cancellationToken).ConfigureAwait(false);
            if (!IsDrained)
            {
                return (worked, false);
            }

            await FinishAsync(backend, clock, logger, cancellationToken).ConfigureAwait(false);
            return (true, true);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _failedAt = clock.GetTimestamp();
            _wait = _backOff.Next();
            logger.LogWarning(e, "The journal at {Location} could not be finished; tried again in {Wait}", journal.Log.Files!.Location, _wait);
            return (false, false);
        }
    }

    private async Task FinishAsync(ITrackingBackend backend, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        foreach (var run in journal.Log.Runs.Where(run => !run.Ended))
        {
            await CloseAsync(run, backend, clock, logger, cancellationToken).ConfigureAwait(false);
        }

        drain.Dispose();
        journal.Delete();
    }

    /// <summary>A run that its process left open has failed, or was killed; unless somebody has resumed it or ended it since.</summary>
    private async Task CloseAsync(JournalRun run, ITrackingBackend backend, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        RunSnapshot stored;
        try
        {
            stored = await backend.GetRunAsync(run.Definition.RunId, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException)
        {
            // Never created, or gone since.
            return;
        }

        if (stored.Status != RunStatus.Running
            || stored.LifecycleStage == LifecycleStage.Deleted
            || stored.Tags.GetValueOrDefault(SystemTags.Session) != run.Definition.Session)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var lastSeen = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(run.LastTimestamp, 0, now.ToUnixTimeMilliseconds()));
        var status = journal.SignalCame ? RunStatus.Killed : RunStatus.Failed;
        await backend.UpdateRunAsync(
            stored.Id, status, lastSeen > stored.StartTime ? lastSeen : stored.StartTime, null, clearEndTime: false, cancellationToken).ConfigureAwait(false);
        logger.LogInformation("Run {RunId} was left open by process {ProcessId} and is now {Status}", stored.Id, journal.Owner.ProcessId, status);
    }
}
