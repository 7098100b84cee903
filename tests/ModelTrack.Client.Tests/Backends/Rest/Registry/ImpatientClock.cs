namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>
/// The system's clock, on which pauses between tries take no time. They do pass on the clock, so that a wait is bounded; time-outs, which
/// are longer, stay as they are.
/// </summary>
internal sealed class ImpatientClock : TimeProvider
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private long _skipped;

    public List<TimeSpan> Pauses { get; } = [];

    public override long GetTimestamp() => base.GetTimestamp() + (Interlocked.Read(ref _skipped) * TimestampFrequency / TimeSpan.TicksPerSecond);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero && dueTime <= LongestPause)
        {
            lock (Pauses)
            {
                Pauses.Add(dueTime);
            }

            Interlocked.Add(ref _skipped, dueTime.Ticks);
            dueTime = TimeSpan.Zero;
        }

        return base.CreateTimer(callback, state, dueTime, period);
    }
}
