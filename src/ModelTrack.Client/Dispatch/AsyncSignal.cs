namespace ModelTrack.Client.Dispatch;

/// <summary>A flag that one loop waits for and anybody raises. Never runs the loop on the raiser's thread.</summary>
internal sealed class AsyncSignal
{
    private TaskCompletionSource _raised = New();

    public void Raise() => Volatile.Read(ref _raised).TrySetResult();

    /// <summary>Lowers the flag; what is checked after that is not missed.</summary>
    public void Reset()
    {
        if (_raised.Task.IsCompleted)
        {
            Volatile.Write(ref _raised, New());
        }
    }

    /// <summary>Returns when the flag is up or the time is over (null: never).</summary>
    public async Task WaitAsync(TimeSpan? time, TimeProvider clock, CancellationToken cancellationToken)
    {
        var raised = Volatile.Read(ref _raised).Task;
        if (time is null)
        {
            await raised.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(raised, Task.Delay(time.Value, clock, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
