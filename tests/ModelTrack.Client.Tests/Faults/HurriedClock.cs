using Microsoft.Extensions.Time.Testing;

namespace ModelTrack.Client.Tests.Faults;

/// <summary>
/// A clock that runs many times as fast as the machine's, so that waits of seconds take milliseconds. It is set forward by the thread pool:
/// on a machine that is too busy to run it, time stands still for what waits by it, and nothing times out that should not.
/// </summary>
internal sealed class HurriedClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly object _gate = new();
    private readonly ITimer _ticks;
    private readonly int _haste;
    private bool _isStopped;

    /// <param name="haste">How many times as fast it runs.</param>
    public HurriedClock(int haste)
    {
        _haste = haste;
        _ticks = System.CreateTimer(_ => Advance(), null, Tick, Tick);
    }

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => _time.LocalTimeZone;

    /// <summary>So much of its time as takes this long on the machine's clock.</summary>
    public TimeSpan Machine(TimeSpan time) => time * _haste;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => _time.CreateTimer(callback, state, dueTime, period);

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
        }

        _ticks.Dispose();
    }

    private void Advance()
    {
        // A tick that comes while another one is at work is left out.
        if (!Monitor.TryEnter(_gate))
        {
            return;
        }

        try
        {
            if (!_isStopped)
            {
                _time.Advance(Tick * _haste);
            }
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }
}
