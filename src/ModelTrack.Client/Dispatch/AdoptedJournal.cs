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
    private Task? _finish;

    public DeadJournal Journal => journal;

    public JournalDrain Drain => drain;

    /// <summary>All is delivered and closed, and the files are gone.</summary>
    public bool IsFinished { get; private set; }

    private bool IsDrained => drain.IsSettledTo(journal.Log.End);

    /// <summary>The latest try failed; a flush does not wait for it.</summary>
    public bool IsStuck => drain.IsBlocked || _wait > TimeSpan.Zero;

    private bool IsDue(TimeProvider clock) => _wait == TimeSpan.Zero || clock.GetElapsedTime(_failedAt) >= _wait;

    public TimeSpan? NextTry(TimeProvider clock)
    {
        if (_finish is not null)
        {
            return null;
        }

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

    /// <summary>Delivers some of it and finishes it when all is delivered. Its trouble is its own.</summary>
    public (bool Worked, bool Finished) Step(
        ITrackingBackend backend, TimeProvider clock, ILogger logger, Action completed, CancellationToken cancellationToken)
    {
        if (_finish is { } finish)
        {
            return finish.IsCompleted ? (true, TakeFinish(finish, clock, logger)) : (false, false);
        }

        if (!IsDue(clock))
        {
            return (false, false);
        }

        var worked = drain.Step(read: true, cancellationToken);
        if (!IsDrained)
        {
            return (worked, false);
        }

        _finish = FinishAsync(backend, clock, logger, cancellationToken);

        // When it is over and not a moment earlier: who is woken before that sees it under way, and sleeps on.
        _ = _finish.ContinueWith(
            _ => completed(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return (true, false);
    }

    /// <summary>Ends when nothing of it is under way any more.</summary>
    public async Task StopAsync()
    {
        await drain.FinishSendsAsync().ConfigureAwait(false);
        if (_finish is { } finish)
        {
            await finish.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IsFinished = finish.IsCompletedSuccessfully;
        }

        if (!IsFinished)
        {
            drain.Dispose();
            journal.Leave();
        }
    }

    private bool TakeFinish(Task finish, TimeProvider clock, ILogger logger)
    {
        _finish = null;
        if (finish.IsCompletedSuccessfully)
        {
            return IsFinished = true;
        }

        _failedAt = clock.GetTimestamp();
        _wait = _backOff.Next();
        logger.LogWarning(
            finish.Exception, "The journal at {Location} could not be finished; tried again in {Wait}", journal.Log.Files!.Location, _wait);
        return false;
    }

    private async Task FinishAsync(ITrackingBackend backend, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        foreach (var run in journal.Log.Runs.Where(run => !run.Ended).ToList())
        {
            await CloseAsync(run, backend, clock, logger, cancellationToken).ConfigureAwait(false);
        }

        drain.Dispose();
        journal.Delete();
    }

    /// <summary>A run that its process left open has failed, or was killed; unless somebody has resumed it or ended it since.</summary>
    private async Task CloseAsync(JournalRun run, ITrackingBackend backend, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        if (run.Definition.RunId is not { } runId || run.Refusal is not null)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var lastSeen = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(run.LastTimestamp, 0, now.ToUnixTimeMilliseconds()));
        var status = journal.SignalCame ? RunStatus.Killed : RunStatus.Failed;
        try
        {
            if (!await backend.CloseRunAsync(runId, run.Definition.Session, status, lastSeen, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (ModelTrackException e) when (DeliveryFaults.Of(e) == DeliveryFault.Refused)
        {
            // Never created, or gone since.
            return;
        }

        logger.LogInformation("Run {RunId} was left open by process {ProcessId} and is now {Status}", runId, journal.Owner.ProcessId, status);
    }
}
