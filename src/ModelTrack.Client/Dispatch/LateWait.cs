namespace ModelTrack.Client.Dispatch;

/// <summary>
/// How long requests that got no answer may still be under way, counted from the first answer that came after them. Whatever the requests
/// of dead processes were, their time runs for all of them together: many journals take no longer than one. Safe for calls from several threads.
/// </summary>
internal sealed class LateWait(TimeSpan length)
{
    private readonly object _gate = new();
    private long? _since;

    public TimeSpan Length => length;

    /// <summary>An answer has come; how long to wait from now on.</summary>
    public TimeSpan Begin(TimeProvider clock)
    {
        lock (_gate)
        {
            _since ??= clock.GetTimestamp();
            var left = length - clock.GetElapsedTime(_since.Value);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>There was no answer again, so that the time may not have been used: it counts from the next one.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _since = null;
        }
    }
}
