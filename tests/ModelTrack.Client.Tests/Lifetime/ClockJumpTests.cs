using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Tests.Delivery;

namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>The wall clock is set while runs are open; the time that passes goes on as it does.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ClockJumpTests : IDisposable
{
    private readonly RemoteStore _store = new();
    private readonly SetClock _clock;

    public ClockJumpTests() => _clock = new SetClock(_store.Clock);

    public void Dispose() => _store.Dispose();

    [TestCase(1)]
    [TestCase(-1)]
    [TestCase(24)]
    [TestCase(-24)]
    public async Task Points_have_the_time_that_the_clock_said_and_no_run_ends_before_it_began(int hours)
    {
        using var tracker = _store.Open(options => options.TimeProvider = _clock);
        var run = tracker.StartRun(experiment: "e");
        var before = _clock.GetUtcNow();
        run.LogMetric("loss", 1, 1);
        _clock.Jump(TimeSpan.FromHours(hours));
        var after = _clock.GetUtcNow();
        run.LogMetric("loss", 2, 2);
        await _store.AdvanceUntil(run.EndAsync());

        var points = new List<(long, DateTimeOffset)>();
        await foreach (var point in tracker.Runs.GetMetricHistoryAsync(run.Id, "loss"))
        {
            points.Add((point.Step, point.Timestamp));
        }

        var stored = await tracker.Runs.GetAsync(run.Id);
        Assert.That(points, Is.EquivalentTo(new[] { (1L, before), (2L, after) }));
        Assert.That(stored.StartTime, Is.EqualTo(before));
        Assert.That(stored.EndTime, Is.EqualTo(hours > 0 ? after : before));
    }

    [TestCase(24)]
    [TestCase(-24)]
    public void The_wait_before_the_next_try_is_as_long_as_it_was(int hours)
    {
        const int before = 6;
        var tries = new ConcurrentQueue<long>();
        _store.OnBatch = _ =>
        {
            tries.Enqueue(_store.Clock.GetTimestamp());
            throw RemoteStore.Away();
        };
        using var tracker = _store.Open(options => options.TimeProvider = _clock);
        tracker.StartRun(experiment: "e").LogMetric("loss", 1, 1);
        AdvanceUntil(() => tries.Count == before);

        _clock.Jump(TimeSpan.FromHours(hours));
        AdvanceUntil(() => tries.Count > before);
        var waited = _store.Clock.GetElapsedTime(tries.ElementAt(before - 1), tries.ElementAt(before));
        Assert.That(waited, Is.InRange(BackOff.First * 16, TimeSpan.FromHours(1)), "The sixth wait is 3.2 to 6.4 seconds.");
    }

    /// <summary>In steps after which the dispatcher has a moment to notice.</summary>
    private void AdvanceUntil(Func<bool> condition)
    {
        while (!SpinWait.SpinUntil(condition, TimeSpan.FromMilliseconds(2)))
        {
            _store.Clock.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    /// <summary>A clock whose hands can be set. What is measured by it is not changed by that.</summary>
    private sealed class SetClock(FakeTimeProvider time) : TimeProvider
    {
        private TimeSpan _jumped;

        public override long TimestampFrequency => time.TimestampFrequency;

        public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

        public void Jump(TimeSpan by) => _jumped += by;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + _jumped;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => time.CreateTimer(callback, state, dueTime, period);
    }
}
