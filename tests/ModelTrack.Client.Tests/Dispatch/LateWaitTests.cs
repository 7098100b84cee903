using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Dispatch;

namespace ModelTrack.Client.Tests.Dispatch;

internal sealed class LateWaitTests
{
    private readonly FakeTimeProvider _clock = new();

    [Test]
    public void The_time_of_late_requests_runs_once_from_the_first_answer_for_all_who_wait()
    {
        var wait = new LateWait(TimeSpan.FromSeconds(4));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(wait.Begin(_clock), Is.EqualTo(TimeSpan.FromSeconds(4)), "The server had not answered yet.");
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(wait.Begin(_clock), Is.EqualTo(TimeSpan.FromSeconds(1)));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(wait.Begin(_clock), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_server_that_went_away_again_has_its_time_anew()
    {
        var wait = new LateWait(TimeSpan.FromSeconds(4));
        wait.Begin(_clock);
        _clock.Advance(TimeSpan.FromSeconds(3));
        wait.Restart();
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(wait.Begin(_clock), Is.EqualTo(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public async Task Who_comes_after_that_time_looks_once()
    {
        var wait = new LateWait(TimeSpan.FromSeconds(4));
        wait.Begin(_clock);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var looked = false;
        var found = await LateAnswer.SettleAsync(
            1, () => Task.FromResult(looked ? 0 : 2), _ => false, (before, after) => before == after, wait, _clock, default);
        Assert.That((found, looked), Is.EqualTo((1, false)));
    }
}
