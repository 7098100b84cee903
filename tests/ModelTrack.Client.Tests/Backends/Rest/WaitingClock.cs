using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>A clock that is moved by hand and knows what was waited for, and whether somebody does nothing but wait.</summary>
internal sealed class WaitingClock : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();
    private int _pauses;

    /// <summary>The length of every wait that was begun, time-outs included, in order.</summary>
    public IReadOnlyCollection<TimeSpan> Waits => _waits;

    /// <summary>Whether a pause is under way, which ends by time alone; a time-out goes on beside what it limits.</summary>
    public bool HasPause => Volatile.Read(ref _pauses) > 0;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _waits.Enqueue(dueTime);
        return state is CancellationTokenSource || dueTime <= TimeSpan.Zero
            ? base.CreateTimer(callback, state, dueTime, period)
            : new Pause(this, callback, state, dueTime, period);
    }

    private sealed class Pause : ITimer
    {
        private readonly WaitingClock _clock;
        private readonly ITimer _inner;
        private int _isOver;

        public Pause(WaitingClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _clock = clock;
            Interlocked.Increment(ref clock._pauses);
            _inner = clock.CreateInner(
                value =>
                {
                    End();
                    callback(value);
                },
                state,
                dueTime,
                period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _inner.Change(dueTime, period);

        public void Dispose()
        {
            End();
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            End();
            return _inner.DisposeAsync();
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref _clock._pauses);
            }
        }
    }

    private ITimer CreateInner(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        => base.CreateTimer(callback, state, dueTime, period);
}
