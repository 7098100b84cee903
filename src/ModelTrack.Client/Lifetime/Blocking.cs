namespace ModelTrack.Client.Lifetime;

/// <summary>
/// The one place where a synchronous call waits for an asynchronous one. Folder backends finish before it has to. On the system's clock
/// nothing here needs a thread of the pool to become free: all may be busy with the training.
/// </summary>
internal static class Blocking
{
    /// <summary>So much longer than its time something is waited for that takes a token: as a rule the token ends it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.5);

    public static T Wait<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();

    public static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            task.AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Lets time pass on the clock, between tries at what another process holds or writes.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static void Pause(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (clock != TimeProvider.System)
        {
            Task.Delay(time, clock, cancellationToken).GetAwaiter().GetResult();
        }
        else if (cancellationToken.WaitHandle.WaitOne(time))
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Waits for a task, at most for a time; false when the time was up. Does not throw what the task throws.</summary>
    public static bool Ends(Task task, TimeSpan time, TimeProvider clock)
    {
        try
        {
            if (clock == TimeProvider.System)
            {
                return task.Wait(time);
            }

            using var over = new CancellationTokenSource(time, clock);
            task.Wait(over.Token);
            return true;
        }
        catch (AggregateException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return task.IsCompleted;
        }
    }

    /// <summary>
    /// Starts something that takes a token and waits for it, at most for a time; false when the time was up. What does not heed the token is
    /// left behind then.
    /// </summary>
    public static bool TryWait(Func<CancellationToken, Task> start, TimeSpan time, TimeProvider clock)
    {
        using var over = new CancellationTokenSource(time, clock);
        try
        {
            var task = StartOutsideContext(start, over.Token);
            if (Ends(task, clock == TimeProvider.System ? time + Grace : Timeout.InfiniteTimeSpan, clock))
            {
                task.GetAwaiter().GetResult();
                return true;
            }

            over.Cancel();
            return false;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Whether the pool takes on work within a time. It does not while all its threads are blocked and it may have no more.</summary>
    public static bool PoolWorks(TimeSpan time, TimeProvider clock)
    {
        if (clock != TimeProvider.System)
        {
            return true;
        }

        // Not on the queue of this thread, which may be one of the pool and would do it itself.
        var done = new TaskCompletionSource();
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.TrySetResult(), done, preferLocal: false);
        return Ends(done.Task, time, clock);
    }

    /// <summary>Does something for several, side by side, each on a thread of its own. It must not throw.</summary>
    public static void ForEach<T>(IReadOnlyList<T> all, Action<T> action)
    {
        if (all.Count == 1)
        {
            action(all[0]);
            return;
        }

        var threads = all.Select(one => new Thread(() => action(one)) { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }

    /// <summary>
    /// A handler of the caller's own, in an HTTP client say, may go on where it was called: on a user interface's thread, which waits here.
    /// </summary>
    private static Task StartOutsideContext(Func<CancellationToken, Task> start, CancellationToken cancellationToken)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return start(cancellationToken);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
