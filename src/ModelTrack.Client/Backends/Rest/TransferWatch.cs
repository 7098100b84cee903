namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// The time-out of one try of a transfer: for each pause instead of for the whole, since nobody knows how long a file takes. Safe for
/// calls after the try's end, because a body may still be written when the answer is already there.
/// </summary>
internal sealed class TransferWatch(CancellationTokenSource over, TimeSpan pause)
{
    /// <summary>A store behind the server takes the file when the server has all of it; slower than this none should be.</summary>
    private const long SlowestStore = 1 << 20;

    /// <summary>Something was sent or received.</summary>
    public void Touch() => Allow(pause);

    /// <summary>All has been sent. The server may now carry it to another store before it answers.</summary>
    public void AllSent(long length) => Allow(pause + TimeSpan.FromSeconds(length / SlowestStore));

    private void Allow(TimeSpan time)
    {
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
