using Microsoft.Extensions.Logging;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Lifetime;
using ModelTrack.Client.Telemetry;

namespace ModelTrack.Client;

/// <content>The end: of runs that are open when a signal comes or the tracker closes, and of the tracker.</content>
internal sealed partial class TrackerCore
{
    private static readonly TimeSpan AwayTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SignalTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A signal that has not ended the process by then has nothing to do with its end.</summary>
    private static readonly TimeSpan SignalMatters = TimeSpan.FromMinutes(1);

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
            TryFlush(_dispatcher, AwayTimeout, Clock);
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
        if (IsClosed || _journal is null || _dispatcher is not { } dispatcher)
        {
            return;
        }

        _journal.AppendSignal(number);
        var open = OpenRuns();
        if (isCancelled || open.Length == 0)
        {
            return;
        }

        var began = TimeProvider.System.GetTimestamp();
        if (TryFlush(dispatcher, SignalTimeout, TimeProvider.System))
        {
            foreach (var run in open)
            {
                run.SayKilled(SignalTimeout - TimeProvider.System.GetElapsedTime(began));
            }
        }

        _ = SayRunningAgainAsync(open);
    }

    /// <summary>
    /// Waits at most <see cref="TrackerOptions.ShutdownTimeout"/> for what is not stored, and closes. What is left stays in the journal.
    /// </summary>
    public void Close()
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
        FlushUnlessAway(dispatcher, TimeToClose());
        lock (_gate)
        {
            if (IsClosed)
            {
                return;
            }

            IsClosed = true;
        }

        _flushToDisk?.Dispose();
        if (!Blocking.Ends(dispatcher.StopAsync(), StopTimeout, TimeProvider.System))
        {
            // A call of the backend hangs in the system. What it works on stays open, and goes with the process.
            ClientMeter.Remove(this, dispatcher.Report());
            Logger.LogError("The store at {Destination} does not answer; the journal stays as it is", Backend.Destination);
            return;
        }

        var report = dispatcher.Report();
        ClientMeter.Remove(this, report);
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

    public void Dispose() => Close();

    /// <summary>
    /// Once a signal has come, what started the process waits only so long before it kills it: ten seconds (Docker) to thirty (Kubernetes).
    /// All trackers of the process have that time together.
    /// </summary>
    private TimeSpan TimeToClose()
    {
        var limit = Options.ShutdownTimeout;
        if (ProcessWatch.SinceSignal is not { } since || since > SignalMatters)
        {
            return limit;
        }

        var left = Options.SignalShutdownTimeout - since;
        left = left > SignalTimeout ? left : SignalTimeout;
        return left < limit ? left : limit;
    }

    /// <summary>Waits until all is settled, or the store has been away for as long as it is worth waiting for that to change.</summary>
    private void FlushUnlessAway(Dispatcher dispatcher, TimeSpan limit)
    {
        var began = Clock.GetTimestamp();
        long? awaySince = null;
        var request = dispatcher.BeginFlush(null);
        try
        {
            while (limit - Clock.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
            {
                if (Blocking.Ends(request.Done.Task, left < LookAgain ? left : LookAgain, Clock))
                {
                    return;
                }

                awaySince = dispatcher.IsStoreAway ? awaySince ?? Clock.GetTimestamp() : null;
                if (awaySince is { } since && Clock.GetElapsedTime(since) >= AwayTimeout - LookAgain)
                {
                    return;
                }
            }
        }
        finally
        {
            dispatcher.EndFlush(request);
        }
    }

    /// <summary>Waits at most a time until all is settled; false when it was not.</summary>
    private static bool TryFlush(Dispatcher dispatcher, TimeSpan limit, TimeProvider clock)
    {
        var request = dispatcher.BeginFlush(null);
        try
        {
            return Blocking.Ends(request.Done.Task, limit, clock);
        }
        finally
        {
            dispatcher.EndFlush(request);
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
