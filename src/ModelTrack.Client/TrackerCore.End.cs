using Microsoft.Extensions.Logging;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <content>The end: of runs that are open when a signal comes or the tracker closes, and of the tracker.</content>
internal sealed partial class TrackerCore
{
    private static readonly TimeSpan AwayTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SignalTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    public void NotEnded(Run run, Exception reason) => Logger.LogError(
        new EventId(5, "EndNotRecorded"), reason, "The end of run {RunId} could not be recorded; it stays RUNNING", run.Definition!.Label);

    public void EndOpenRuns(RunStatus status)
    {
        foreach (var run in OpenRuns())
        {
            run.EndQuietly(status, null);
        }

        if (_dispatcher is not null && !IsClosed && OpenRuns() is { Length: > 0 } left)
        {
            // The disk was full. What is delivered makes room.
            Blocking.TryWait(FlushAsync, AwayTimeout, Clock);
            foreach (var run in left)
            {
                run.EndQuietly(status, null);
            }
        }
    }

    public void FailOpenRuns(Exception exception)
    {
        foreach (var run in OpenRuns())
        {
            run.EndQuietly(RunStatus.Failed, exception);
        }
    }

    /// <summary>
    /// The journal remembers the signal. And because the process ends as a rule before anything else can be done, the runs are said to be
    /// killed at once; if the process goes on they are said to run again, and end as they end.
    /// </summary>
    public void OnSignal(int number, bool isCancelled)
    {
        if (IsClosed || _journal is null)
        {
            return;
        }

        _journal.AppendSignal(number);
        var open = OpenRuns();
        if (isCancelled || open.Length == 0)
        {
            return;
        }

        Blocking.TryWait(
            async cancellationToken =>
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                foreach (var run in open)
                {
                    run.SayKilled(cancellationToken);
                }
            },
            SignalTimeout,
            TimeProvider.System);
        _ = SayRunningAgainAsync(open);
    }

    /// <summary>Waits at most the time for what is not stored, and closes. What is left stays in the journal.</summary>
    public void Close(TimeSpan limit)
    {
        lock (_gate)
        {
            if (IsClosed)
            {
                return;
            }

            if (_dispatcher is null)
            {
                IsClosed = true;
                Backend.Dispose();
                return;
            }
        }

        ProcessWatch.Remove(this);
        var dispatcher = _dispatcher;
        Blocking.TryWait(cancellationToken => FlushUnlessAwayAsync(dispatcher, cancellationToken), limit, Clock);
        lock (_gate)
        {
            if (IsClosed)
            {
                return;
            }

            IsClosed = true;
        }

        _flushToDisk?.Dispose();
        if (!Blocking.TryWait(cancellationToken => dispatcher.StopAsync().WaitAsync(cancellationToken), StopTimeout, TimeProvider.System))
        {
            // A call of the backend hangs in the system. What it works on stays open, and goes with the process.
            Logger.LogError("The store at {Destination} does not answer; the journal stays as it is", Backend.Destination);
            return;
        }

        var report = dispatcher.Report();
        if (report.Pending > 0)
        {
            Logger.LogWarning(
                new EventId(4, "LeftInJournal"),
                "{Count} records are not stored yet. They are safe in the journal at {Location}; "
                + "the next tracker for {Destination} on this machine delivers them",
                report.Pending, _journal!.Log.Files?.Location ?? "memory, which goes with the process", Backend.Destination);
        }

        dispatcher.Dispose();
        _journal!.Dispose();
        Backend.Dispose();
    }

    public void Dispose() => Close(Options.ShutdownTimeout);

    /// <summary>Ends when all is settled, or when the store has been away for as long as it is worth waiting for that to change.</summary>
    private async Task FlushUnlessAwayAsync(Dispatcher dispatcher, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var flush = dispatcher.FlushAsync(over.Token);
        long? awaySince = null;
        while (true)
        {
            try
            {
                await flush.WaitAsync(LookAgain, Clock, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                awaySince = dispatcher.IsStoreAway ? awaySince ?? Clock.GetTimestamp() : null;
                if (awaySince is { } since && Clock.GetElapsedTime(since) >= AwayTimeout - LookAgain)
                {
                    await over.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
        }
    }

    private async Task SayRunningAgainAsync(Run[] runs)
    {
        try
        {
            await Task.Delay(SignalTimeout, TimeProvider.System).ConfigureAwait(false);
            foreach (var run in runs)
            {
                run.SayRunning();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Logger.LogWarning(e, "Runs that a signal did not end could not be said to be running");
        }
    }

    private Run[] OpenRuns()
    {
        lock (_gate)
        {
            return [.. _open];
        }
    }
}
