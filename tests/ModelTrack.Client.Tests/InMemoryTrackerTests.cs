using Microsoft.Extensions.Time.Testing;

namespace ModelTrack.Client.Tests;

internal sealed class InMemoryTrackerTests
{
    [Test]
    public async Task A_tracker_in_memory_answers_as_a_store_does()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var tracker = Tracker.InMemory(clock);
        using (var run = tracker.StartRun("r", experiment: "e"))
        {
            run.LogParam("p", 1).LogMetric("m", 0.5).LogText("notes/a.txt", "text");
        }

        await tracker.FlushAsync();

        var stored = await tracker.Runs.SearchAsync("e", "metrics.m > 0.4 and params.p = '1'").SingleAsync();
        using var text = new StreamReader(await tracker.Runs.OpenArtifactAsync(stored.Id, "notes/a.txt"));
        Assert.Multiple(async () =>
        {
            Assert.That(tracker.TrackingUri, Is.EqualTo("memory:"));
            Assert.That(stored.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(stored.StartTime, Is.EqualTo(clock.GetUtcNow()));
            Assert.That(stored.Tags, Does.Not.ContainKey("mlflow.source.name"), "a test's expectations must not depend on the machine");
            Assert.That(await text.ReadToEndAsync(), Is.EqualTo("text"));
        });
    }

    [Test]
    public async Task Two_trackers_in_memory_do_not_see_each_other()
    {
        using var one = Tracker.InMemory();
        using var two = Tracker.InMemory();
        using var run = one.StartRun();

        Assert.That(await two.Runs.SearchAsync("Default").CountAsync(), Is.Zero);
        Assert.That(async () => await two.Runs.GetAsync(run.Id), Throws.TypeOf<ModelTrackException>());
    }

    [Test]
    public void Memory_takes_a_key_and_one_below_it_as_a_server_does()
    {
        using var tracker = Tracker.InMemory();
        using var run = tracker.StartRun();

        Assert.That(() => run.LogMetric("a", 1).LogMetric("a/b", 1).LogParam("p/q", 1).LogParam("p", 1), Throws.Nothing);
    }
}
