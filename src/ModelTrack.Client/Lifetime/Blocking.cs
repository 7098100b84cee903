namespace ModelTrack.Client.Lifetime;

/// <summary>The one place where a synchronous call waits for an asynchronous one. Folder backends finish before it has to.</summary>
internal static class Blocking
{
    public static T Wait<T>(ValueTask<T> task) => task.IsCompletedSuccessfully
        ? task.Result
        : Task.Run(task.AsTask).GetAwaiter().GetResult();

    public static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            Task.Run(task.AsTask).GetAwaiter().GetResult();
        }
    }

    /// <summary>Lets time pass on the clock, between tries at what another process holds or writes.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static void Pause(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
        => Task.Delay(time, clock, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Waits for a task that takes a token, at most for a time; false when the time was up.</summary>
    public static bool TryWait(Func<CancellationToken, Task> start, TimeSpan time, TimeProvider clock)
    {
        using var over = new CancellationTokenSource(time, clock);
        try
        {
            Task.Run(() => start(over.Token)).GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return false;
        }
    }
}
