namespace ModelTrack.Client.Tests.Artifacts;

/// <summary>The system's clock, but waits are as long as a test says: those between two tries, for example, take no time.</summary>
internal sealed class HurriedClock(Func<TimeSpan, TimeSpan> shorten) : TimeProvider
{
    /// <summary>
    /// The pauses between tries, at most two seconds long with three of them, are over at once; time-outs, which are longer, never come: a
    /// machine with much to do is no server that hangs.
    /// </summary>
    public static HurriedClock WithoutPauses() => new(time => time <= TimeSpan.FromSeconds(2) ? TimeSpan.Zero : Timeout.InfiniteTimeSpan);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => new HurriedTimer(System.CreateTimer(callback, state, Shorten(dueTime), period), this);

    private TimeSpan Shorten(TimeSpan time) => time > TimeSpan.Zero ? shorten(time) : time;

    private sealed class HurriedTimer(ITimer inner, HurriedClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(clock.Shorten(dueTime), period);

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
