using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Lifetime;

/// <summary>
/// Sees to it that a run's end is true when the process ends before the run does: at an exit, after a signal, at an unhandled exception.
/// Signals are remembered and never cancelled. One for the process; it begins with the first tracker.
/// </summary>
internal static class ProcessWatch
{
    private static readonly object Gate = new();
    private static readonly List<TrackerCore> Trackers = [];

    /// <summary>
    /// When an exception was first thrown, counted in exceptions: whether a run was open then tells if it may have passed through it.
    /// </summary>
    private static readonly ConditionalWeakTable<Exception, object> FirstThrown = [];

    private static PosixSignalRegistration?[]? _signals;
    private static long _signalCameAt;
    private static long _thrown;

    /// <summary>The number of the first signal that came, or 0.</summary>
    public static int SignalCame { get; private set; }

    /// <summary>How long ago that was; null when none has come.</summary>
    public static TimeSpan? SinceSignal => SignalCame == 0 ? null : TimeProvider.System.GetElapsedTime(_signalCameAt);

    /// <summary>How many exceptions have been thrown in this process.</summary>
    public static long Thrown => Interlocked.Read(ref _thrown);

    public static void Add(TrackerCore tracker)
    {
        lock (Gate)
        {
            Trackers.Add(tracker);
            if (_signals is null)
            {
                Begin();
            }
        }
    }

    public static void Remove(TrackerCore tracker)
    {
        lock (Gate)
        {
            Trackers.Remove(tracker);
        }
    }

    private static void Begin()
    {
        AppDomain.CurrentDomain.FirstChanceException += OnThrown;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        _signals =
        [
            Register(PosixSignal.SIGINT, 2), Register(PosixSignal.SIGTERM, 15), Register(PosixSignal.SIGQUIT, 3), Register(PosixSignal.SIGHUP, 1),
        ];
    }

    private static PosixSignalRegistration? Register(PosixSignal signal, int number)
    {
        try
        {
            return PosixSignalRegistration.Create(signal, context => OnSignal(number, context));
        }
        catch (Exception e) when (e is PlatformNotSupportedException or IOException)
        {
            return null;
        }
    }

    private static void OnThrown(object? sender, FirstChanceExceptionEventArgs e)
    {
        ExceptionFlight.Thrown(e.Exception);
        if (!FirstThrown.TryGetValue(e.Exception, out _))
        {
            FirstThrown.TryAdd(e.Exception, Interlocked.Increment(ref _thrown));
        }
    }

    /// <summary>
    /// The process ends as a rule right after this, without another word. If it does not, because somebody cancels the signal, its runs
    /// end as they end.
    /// </summary>
    private static void OnSignal(int number, PosixSignalContext context)
    {
        if (SignalCame == 0)
        {
            _signalCameAt = TimeProvider.System.GetTimestamp();
            SignalCame = number;
        }

        var isCancelled = context.Cancel;
        ForEach(tracker => tracker.OnSignal(number, isCancelled));
    }

    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs e)
    {
        if (e.ExceptionObject is not Exception exception)
        {
            return;
        }

        foreach (var tracker in Living())
        {
            Attempt(tracker, () => tracker.FailOpenRuns(exception));
        }

        if (When(exception) is { } thrown)
        {
            LateFailures.Amend(exception, thrown);
        }

        ForEach(tracker => tracker.Close());
    }

    private static void OnExit(object? sender, EventArgs e)
    {
        ForEach(tracker => tracker.EndOpenRuns(AtExit(tracker.Options)), tracker => tracker.Close());
    }

    /// <summary>All at once: a store that does not answer costs the end of the process its time once, however many trackers there are.</summary>
    private static void ForEach(params Action<TrackerCore>[] actions)
        => Blocking.ForEach(Living(), tracker => Array.ForEach(actions, action => Attempt(tracker, () => action(tracker))));

    /// <summary>At the end of a process one tracker's trouble must not become another's, nor hide the exception that ends the process.</summary>
    private static void Attempt(TrackerCore tracker, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            tracker.Logger.LogError(e, "Not everything could be ended well at the end of the process; the journal has the rest");
        }
    }

    private static RunStatus AtExit(TrackerOptions options)
    {
        if (SignalCame != 0)
        {
            return RunStatus.Killed;
        }

        return Environment.ExitCode != 0 ? RunStatus.Failed : options.StatusOfOpenRunsAtExit;
    }

    /// <summary>When the exception, or the one inside that a task wrapped, was first thrown.</summary>
    private static long? When(Exception exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at is not AggregateException && FirstThrown.TryGetValue(at, out var thrown))
            {
                return (long)thrown;
            }
        }

        return null;
    }

    private static TrackerCore[] Living()
    {
        lock (Gate)
        {
            return [.. Trackers];
        }
    }
}
