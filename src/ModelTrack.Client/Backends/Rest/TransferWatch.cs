namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// The time-out of one try of a transfer: for each pause instead of for the whole, since nobody knows how long a file takes. Safe for
/// calls after the try's end, because a body may still be written when the answer is already there.
/// </summary>
internal sealed class TransferWatch(CancellationTokenSource over, TimeSpan pause, TimeProvider clock)
{
    /// <summary>A store behind the server takes the file when the server has all of it; slower than this none should be.</summary>
    private const long SlowestStore = 1 << 20;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private long _touched = clock.GetTimestamp();

    /// <summary>Something was sent or received. Cheap enough for every few bytes: the timer is set anew at most once a step.</summary>
    public void Touch()
    {
        if (clock.GetElapsedTime(Volatile.Read(ref _touched)) >= Step)
        {
            Allow(pause);
        }
    }

    /// <summary>The answer begins.</summary>
    public void Restart() => Allow(pause);

    /// <summary>All has been sent. The server may now carry it to another store before it answers.</summary>
    public void AllSent(long length) => Allow(pause + TimeSpan.FromSeconds(length / SlowestStore));

    private void Allow(TimeSpan time)
    {
        Volatile.Write(ref _touched, clock.GetTimestamp());
        try
        {
            over.CancelAfter(time);
        }
        catch (ObjectDisposedException)
        {
            // The try is over.
        }
    }
}
