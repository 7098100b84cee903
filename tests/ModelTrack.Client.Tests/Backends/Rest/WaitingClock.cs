using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>A clock that is moved by hand and knows what was waited for.</summary>
internal sealed class WaitingClock : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>The length of every wait that was begun, time-outs included, in order.</summary>
    public IReadOnlyCollection<TimeSpan> Waits => _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _waits.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime, period);
    }
}
