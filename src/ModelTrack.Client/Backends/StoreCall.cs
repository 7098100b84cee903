namespace ModelTrack.Client.Backends;

/// <summary>Does on the caller's thread what takes no longer than a hand-over would, and puts what comes of it into a task.</summary>
internal static class StoreCall
{
    public static ValueTask Do(Action action)
    {
        var done = Do(() =>
        {
            action();
            return true;
        });
        return done.IsCompletedSuccessfully ? default : new ValueTask(done.AsTask());
    }

    public static ValueTask<T> Do<T>(Func<T> action)
    {
        try
        {
            return ValueTask.FromResult(action());
        }
        catch (OperationCanceledException e)
        {
            var token = e.CancellationToken.IsCancellationRequested ? e.CancellationToken : new CancellationToken(canceled: true);
            return ValueTask.FromCanceled<T>(token);
        }
        catch (UnauthorizedAccessException e)
        {
            // .NET's word for a read-only disk as well as for a missing right; ours for both is that it cannot be done now.
            return ValueTask.FromException<T>(new IOException(e.Message, e));
        }
#pragma warning disable CA1031 // It goes into the task.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException<T>(e);
        }
    }
}
