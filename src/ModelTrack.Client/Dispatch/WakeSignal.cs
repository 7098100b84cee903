namespace ModelTrack.Client.Dispatch;

/// <summary>A flag that the dispatcher's thread waits for and anybody raises.</summary>
#pragma warning disable CA1001 // The event has nothing to dispose: nobody asks for its handle. It may be raised at any time.
internal sealed class WakeSignal
#pragma warning restore CA1001
{
    private readonly ManualResetEventSlim _raised = new(initialState: false, spinCount: 0);

    public void Raise() => _raised.Set();

    /// <summary>Lowers the flag; what is checked after that is not missed.</summary>
    public void Reset() => _raised.Reset();

    /// <summary>
    /// Returns when the flag is up or the time is over (null: never). On the system's clock the thread itself waits, and no timer, which
    /// would need a thread of the pool. On others a timer raises the flag.
    /// </summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public void Wait(TimeSpan? time, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (time is not { } limit)
        {
            _raised.Wait(cancellationToken);
        }
        else if (clock == TimeProvider.System)
        {
            _raised.Wait(limit, cancellationToken);
        }
        else if (limit > TimeSpan.Zero)
        {
            using var timer = clock.CreateTimer(static flag => ((ManualResetEventSlim)flag!).Set(), _raised, limit, Timeout.InfiniteTimeSpan);
            _raised.Wait(cancellationToken);
        }
    }
}
