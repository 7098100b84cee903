using System.Net;
using ModelTrack.Client.Tests.Delivery;

namespace ModelTrack.Client.Tests;

/// <summary>Journals in the open: what waits, for what, and what becomes of it.</summary>
internal sealed class JournalClientTests
{
    private RemoteStore _store = null!;

    [SetUp]
    public void OpenStore() => _store = new RemoteStore();

    [TearDown]
    public void CloseStore() => _store.Dispose();

    /// <summary>A process that died while its server was away.</summary>
    private void Leave(int points)
    {
        _store.IsAway = true;
        using (var dying = _store.Open())
        {
            var run = dying.StartRun("a", experiment: "e");
            for (var step = 0; step < points; step++)
            {
                run.LogMetric("loss", 1, step);
            }

            run.LogText("notes.txt", "text");
            run.End();
        }
    }

    /// <summary>The one that waits. A process that is just being started beside the test can hold its lock for a moment longer.</summary>
    private static async Task<JournalInfo> WaitingAsync(Tracker tracker)
    {
        for (var look = 0; ; look++)
        {
            var journals = await tracker.Journals.ListAsync();
            if (journals.SingleOrDefault(journal => journal.State == JournalState.Waiting) is { } waiting)
            {
                return waiting;
            }

            Assert.That(look, Is.LessThan(100), string.Join("; ", journals));
        }
    }

    [Test]
    public async Task A_journal_that_waits_says_for_what_since_when_and_how_much()
    {
        Leave(points: 5);

        // Another destination's tracker in the same place, which must not deliver it.
        using var other = new Tracker(
            new TrackerOptions { TrackingUri = _store.Scratch["mlruns"], JournalDirectory = _store.Journals, CaptureContext = false }, StoreUnderTest.NoVariables);
        var own = other.StartRun();
        var waiting = await WaitingAsync(other);
        var inUse = (await other.Journals.ListAsync()).Single(journal => journal.State == JournalState.InUse);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(waiting.Destination, Is.EqualTo("http://store.test"));
            Assert.That((waiting.Pending, waiting.Runs), Is.EqualTo((7L, 1)));
            Assert.That(waiting.Created, Is.EqualTo(_store.Clock.GetUtcNow()));
            Assert.That(waiting.ProcessId, Is.EqualTo(Environment.ProcessId));
            Assert.That(waiting.Bytes, Is.Positive);
            Assert.That(Directory.Exists(waiting.Location));
            Assert.That((inUse.Destination, inUse.Pending), Is.EqualTo((new Uri(other.TrackingUri).AbsoluteUri, (long?)null)));
        }

        own.End();
    }

    [Test]
    public async Task Asking_for_a_list_takes_nothing_from_who_delivers_it()
    {
        Leave(points: 5);
        using (var other = new Tracker(
            new TrackerOptions { TrackingUri = _store.Scratch["mlruns"], JournalDirectory = _store.Journals, CaptureContext = false }, StoreUnderTest.NoVariables))
        {
            await other.Journals.ListAsync();
        }

        _store.IsAway = false;
        using var next = _store.Open();
        await _store.FlushAsync(next);
        Assert.That(await _store.StepsAsync((await _store.RunsAsync()).Single().Id), Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
    }

    [Test]
    public async Task A_journal_is_delivered_when_that_is_asked_for()
    {
        using var tracker = _store.Open();
        var early = tracker.StartRun("early", experiment: "e");
        Leave(points: 3);
        var id = (await WaitingAsync(tracker)).Id;
        _store.IsAway = false;
        var report = await _store.AdvanceUntil(tracker.Journals.DeliverAsync(id));
        Assert.That(report.Rejected, Is.Zero);
        Assert.That((await _store.RunsAsync()).Select(run => (run.Name, run.Status)), Does.Contain(("a", RunStatus.Finished)));
        Assert.That((await tracker.Journals.ListAsync()).Select(journal => journal.Id), Has.None.EqualTo(id));
        early.End();
    }

    [Test]
    public async Task A_journal_for_another_destination_is_not_delivered_here()
    {
        Leave(points: 3);
        using var other = new Tracker(
            new TrackerOptions { TrackingUri = _store.Scratch["mlruns"], JournalDirectory = _store.Journals, CaptureContext = false }, StoreUnderTest.NoVariables);
        var id = (await WaitingAsync(other)).Id;
        Assert.That(
            () => other.Journals.DeliverAsync(id),
            Throws.InstanceOf<ModelTrackException>().With.Message.Contains("http://store.test").And.Property("ErrorCode").EqualTo(ErrorCode.InvalidState));
    }

    [Test]
    public async Task A_journal_in_use_is_known_by_its_owner_whatever_bytes_its_header_has()
    {
        Leave(points: 3);
        var segment = Directory.GetFiles(_store.Journals, "*.segment", SearchOption.AllDirectories).Order().First();
        using (var file = new FileStream(segment, FileMode.Open, FileAccess.Write))
        {
            file.Position = 8;
            file.Write("{{{{{{{{"u8);
        }

        using var held = Client.Journal.JournalLock.TryAcquire(Path.Combine(Path.GetDirectoryName(segment)!, "lock"), create: false);
        using var other = new Tracker(
            new TrackerOptions { TrackingUri = _store.Scratch["mlruns"], JournalDirectory = _store.Journals, CaptureContext = false }, StoreUnderTest.NoVariables);
        var journal = (await other.Journals.ListAsync()).Single(one => segment.Contains(one.Id));
        Assert.That((journal.State, journal.Destination), Is.EqualTo((JournalState.InUse, "http://store.test")));
    }

    [Test]
    public async Task Only_the_exact_id_discards_a_journal_and_only_one_that_nobody_uses()
    {
        Leave(points: 3);
        using var other = new Tracker(
            new TrackerOptions { TrackingUri = _store.Scratch["mlruns"], JournalDirectory = _store.Journals, CaptureContext = false }, StoreUnderTest.NoVariables);
        using var run = other.StartRun();
        var waiting = (await WaitingAsync(other)).Id;
        var inUse = (await other.Journals.ListAsync()).Single(journal => journal.State == JournalState.InUse).Id;
        Assert.That(() => other.Journals.DiscardAsync(waiting[..^1]), Throws.InstanceOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(() => other.Journals.DiscardAsync(inUse), Throws.InstanceOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.InvalidState));
        Assert.That(await other.Journals.DiscardAsync(waiting), Is.EqualTo(5));
        Assert.That((await other.Journals.ListAsync()).Select(journal => journal.Id), Is.EqualTo(new[] { inUse }));
        run.LogMetric("loss", 1);
    }

    [Test]
    public async Task What_was_refused_stays_readable_with_its_reason()
    {
        using (var tracker = _store.Open())
        {
            using var run = tracker.StartRun("a", experiment: "e");
            _store.OnBatch = batch => batch.Params.Count > 0 ? throw RemoteStore.No(HttpStatusCode.BadRequest, "no room") : Task.CompletedTask;
            run.LogParam("trees", 100);
            await _store.AdvanceUntil(run.EndAsync());
        }

        using var next = _store.Open();
        var rejections = await next.Journals.ReadRejectionsAsync();
        Assert.That(
            rejections.Select(rejection => (rejection.Kind, rejection.Key, rejection.Value, rejection.Reason)), Does.Contain(("param", "trees", "100", "no room")));
    }

    [Test]
    public async Task A_tracker_in_memory_has_no_journals()
    {
        using var tracker = Tracker.InMemory();
        Assert.That(await tracker.Journals.ListAsync(), Is.Empty);
        Assert.That(await tracker.Journals.ReadRejectionsAsync(), Is.Empty);
        Assert.That(() => tracker.Journals.DiscardAsync("x"), Throws.InstanceOf<ModelTrackException>());
    }
}
