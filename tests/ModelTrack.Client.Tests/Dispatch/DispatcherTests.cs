using Microsoft.Extensions.Logging.Abstractions;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Tests.Journal;
using TheJournal = ModelTrack.Client.Journal.Journal;

namespace ModelTrack.Client.Tests.Dispatch;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DispatcherTests : IAsyncDisposable
{
    private readonly JournalKit _kit = new();
    private readonly HookedBackend _backend;
    private TheJournal? _journal;
    private Dispatcher? _dispatcher;
    private bool _wereDead;

    public DispatcherTests() => _backend = new HookedBackend(_kit.Clock);

    public async ValueTask DisposeAsync()
    {
        if (_dispatcher is not null)
        {
            await _dispatcher.StopAsync();
            _dispatcher.Dispose();
        }

        _journal?.Dispose();
        _backend.Dispose();
        _kit.Dispose();
    }

    [Test]
    public async Task A_flush_waits_for_everything_logged_before_it()
    {
        var (journal, dispatcher) = Start();
        var run = await NewRunAsync(journal);
        var gate = new TaskCompletionSource();
        var came = new TaskCompletionSource();
        _backend.OnBatch = _ =>
        {
            came.TrySetResult();
            return gate.Task;
        };
        JournalKit.Log(journal, run, 1);
        var first = dispatcher.FlushAsync(default);
        await came.Task;
        JournalKit.Log(journal, run, 2);
        var second = dispatcher.FlushAsync(default);
        Assert.That((first.IsCompleted, second.IsCompleted), Is.EqualTo((false, false)));

        gate.SetResult();
        await first;
        await second;
        Assert.That(await HistoryAsync(run), Is.EqualTo(new long[] { 1, 2 }));
        Assert.That((dispatcher.Report().Accepted, dispatcher.Report().Delivered), Is.EqualTo((2L, 2L)));
    }

    [Test]
    public async Task A_flush_can_be_given_up_and_loses_nothing()
    {
        var (journal, dispatcher) = Start();
        var run = await NewRunAsync(journal);
        var gate = new TaskCompletionSource();
        _backend.OnBatch = _ => gate.Task;
        JournalKit.Log(journal, run, 1);
        using var cancel = new CancellationTokenSource();
        var flush = dispatcher.FlushAsync(cancel.Token);
        await cancel.CancelAsync();
        Assert.That(() => flush, Throws.InstanceOf<OperationCanceledException>());
        gate.SetResult();
        await dispatcher.FlushAsync(default);
        Assert.That(await HistoryAsync(run), Is.EqualTo(new long[] { 1 }));
    }

    [Test]
    public async Task A_batch_that_failed_is_tried_again_as_it_was_with_what_was_noted()
    {
        var (journal, dispatcher) = Start();
        var run = await NewRunAsync(journal);
        var tries = new List<(string Points, string? Prior)>();
        _backend.OnBatch = batch =>
        {
            tries.Add((string.Join(' ', batch.Metrics.Select(m => m.Point.Step)), batch.PriorAppends is { } prior ? string.Join(' ', prior) : null));
            batch.NoteAppends!(new Dictionary<int, long> { [batch.Metrics[0].KeyNumber] = 5 });
            if (tries.Count <= 3)
            {
                // More comes while it is tried.
                JournalKit.Log(journal, run, 100 + tries.Count);
                throw new IOException("away");
            }

            return Task.CompletedTask;
        };
        JournalKit.Log(journal, run, 1);
        JournalKit.Log(journal, run, 2);
        await AdvanceUntil(dispatcher.FlushAsync(default));

        Assert.That(tries[0], Is.EqualTo(("1 2", (string?)null)));
        Assert.That(tries[1..4], Is.All.EqualTo(("1 2", "[1, 5]")));
        await dispatcher.FlushAsync(default);
        Assert.That(string.Join(' ', tries[4..].Select(t => t.Points)), Is.EqualTo("101 102 103"));
        Assert.That(tries[4..].Select(t => t.Prior), Is.All.Null);
        Assert.That(await HistoryAsync(run), Is.EqualTo(new long[] { 1, 2, 101, 102, 103 }));
        Assert.That(dispatcher.Report().Rejected, Is.Zero);
    }

    [Test]
    public async Task A_run_whose_store_is_away_does_not_hold_up_another()
    {
        var (journal, dispatcher) = Start();
        var stuck = await NewRunAsync(journal);
        var other = await NewRunAsync(journal);
        var isAway = true;
        _backend.OnBatch = batch => isAway && batch.RunId == stuck.Definition.RunId ? throw new IOException("away") : Task.CompletedTask;
        JournalKit.Log(journal, stuck, 1);
        JournalKit.Log(journal, other, 1);
        await AdvanceUntil(dispatcher.FlushAsync(other, default));
        Assert.That(await HistoryAsync(other), Is.EqualTo(new long[] { 1 }));
        Assert.That(dispatcher.IsStoreAway);

        isAway = false;
        await AdvanceUntil(dispatcher.FlushAsync(default));
        Assert.That(await HistoryAsync(stuck), Is.EqualTo(new long[] { 1 }));
        Assert.That(dispatcher.IsStoreAway, Is.False);
    }

    [Test]
    public async Task A_batch_that_nobody_can_store_is_rejected_after_some_tries_and_the_rest_goes_on()
    {
        var (journal, dispatcher) = Start();
        var run = await NewRunAsync(journal);
        var tries = 0;
        _backend.OnBatch = batch =>
        {
            if (batch.Metrics.Exists(m => m.Point.Step == 13))
            {
                // Failures that pass, however many, are no reason to give up.
                throw ++tries <= 10 ? new IOException("away") : new NotImplementedException("a bug");
            }

            return Task.CompletedTask;
        };
        JournalKit.Log(journal, run, 13);
        await AdvanceUntil(dispatcher.FlushAsync(default));
        JournalKit.Log(journal, run, 14);
        await dispatcher.FlushAsync(default);

        Assert.That(tries, Is.EqualTo(10 + 6));
        Assert.That(await HistoryAsync(run), Is.EqualTo(new long[] { 14 }));
        var report = dispatcher.Report();
        Assert.That((report.Accepted, report.Delivered, report.Rejected, report.Pending), Is.EqualTo((2L, 1L, 1L, 0L)));
        Assert.That(report.Rejections.Single().Reason, Does.Contain("a bug"));
    }

    [Test]
    public async Task What_the_store_refuses_is_rejected_at_once_with_its_reason()
    {
        var (journal, dispatcher) = Start();
        var run = await NewRunAsync(journal);
        _backend.OnBatch = _ => throw new ModelTrackException(ErrorCode.InvalidParameterValue, "no");
        JournalKit.Log(journal, run, 1);
        await dispatcher.FlushAsync(default);
        Assert.That(dispatcher.Report().Rejections.Single().Reason, Is.EqualTo("no"));
    }

    [Test]
    public async Task An_adopted_journal_is_delivered_and_its_open_runs_are_failed()
    {
        var run = await LeaveAsync(1, 2);
        var (_, dispatcher) = Start();
        await dispatcher.FlushAsync(default);
        Assert.That(await HistoryAsync(run), Is.EqualTo(new long[] { 1, 2 }));
        var stored = await _backend.GetRunAsync(run.Definition.RunId!, default);
        Assert.That(stored.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(_kit.Segments, Has.Length.EqualTo(1), "Only this tracker's own is left.");
    }

    [Test]
    public async Task An_adopted_journal_that_is_stuck_holds_up_neither_a_flush_nor_other_runs()
    {
        var dead = await LeaveAsync(1);
        _backend.OnBatch = batch => batch.RunId == dead.Definition.RunId ? throw new IOException("away") : Task.CompletedTask;
        var (journal, dispatcher) = Start();
        var run = await NewRunAsync(journal);
        JournalKit.Log(journal, run, 7);
        await dispatcher.FlushAsync(default);
        Assert.That(await HistoryAsync(run), Is.EqualTo(new long[] { 7 }));
        Assert.That(dispatcher.Report().Pending, Is.EqualTo(1));

        _backend.OnBatch = _ => Task.CompletedTask;
        await dispatcher.FlushAsync(default);
        Assert.That(await HistoryAsync(dead), Is.EqualTo(new long[] { 1 }));
        Assert.That(dispatcher.Report().Pending, Is.Zero);
    }

    [Test]
    public async Task An_adopted_journal_whose_runs_cannot_be_closed_yet_is_kept_and_finished_later()
    {
        var dead = await LeaveAsync(1);
        _backend.OnUpdate = () => throw new IOException("away");
        var (_, dispatcher) = Start();
        await dispatcher.FlushAsync(default);
        Assert.That((await _backend.GetRunAsync(dead.Definition.RunId!, default)).Status, Is.EqualTo(RunStatus.Running));

        _backend.OnUpdate = () => { };
        await dispatcher.FlushAsync(default);
        Assert.That((await _backend.GetRunAsync(dead.Definition.RunId!, default)).Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(await HistoryAsync(dead), Is.EqualTo(new long[] { 1 }));
    }

    [Test]
    public void Back_off_doubles_up_to_its_limit_and_never_by_less_than_half()
    {
        var backOff = new BackOff(new Random(1));
        var full = BackOff.First;
        for (var i = 0; i < 12; i++)
        {
            Assert.That(backOff.Next(), Is.InRange(full / 2, full));
            full = full * 2 < BackOff.Longest ? full * 2 : BackOff.Longest;
        }
    }

    [TestCase(true, 1)]
    [TestCase(false, 2)]
    public async Task The_late_requests_of_all_that_were_dead_at_the_start_are_waited_for_once(bool wereDead, int least)
    {
        // More than are open at once.
        for (var i = 0; i < 40; i++)
        {
            await LeaveAsync(i);
        }

        _wereDead = wereDead;
        HashSet<object> waits = [];
        _backend.OnBatch = batch =>
        {
            waits.Add(batch.Late!);
            return Task.CompletedTask;
        };
        var (_, dispatcher) = Start();
        await dispatcher.FlushAsync(default);
        Assert.That(dispatcher.Report().Delivered, Is.EqualTo(40));
        Assert.That(waits, wereDead ? Has.Count.EqualTo(1) : Has.Count.GreaterThanOrEqualTo(least), "Who may have died later has later requests.");
    }

    private (TheJournal Journal, Dispatcher Dispatcher) Start()
    {
        _journal = _kit.Open();
        _dispatcher = new Dispatcher(
            _backend,
            _journal,
            () => _kit.Adopt().Select(journal =>
            {
                journal.WasDeadWhenListed = _wereDead;
                return journal;
            }),
            new ExperimentResolver(_backend),
            new RejectionLog(null, NullLogger.Instance),
            new ModelPublisher(_backend, () => throw new NotSupportedException(), NullLogger.Instance),
            _kit.Clock,
            NullLogger.Instance);
        _dispatcher.Start();
        return (_journal, _dispatcher);
    }

    private async Task<JournalRun> NewRunAsync(TheJournal journal)
    {
        var run = _kit.OpenRun(journal);
        await _backend.CreateRunAsync(
            new RunCreation
            {
                RunId = run.Definition.RunId,
                ExperimentId = "0",
                StartTime = _kit.Clock.GetUtcNow(),
                UserId = "me",
                Tags = new Dictionary<string, string> { [SystemTags.Session] = run.Definition.Session },
            },
            default);
        return run;
    }

    /// <summary>Leaves a journal behind, as a process does that dies.</summary>
    private async Task<JournalRun> LeaveAsync(params long[] steps)
    {
        using var journal = _kit.Open();
        var run = await NewRunAsync(journal);
        foreach (var step in steps)
        {
            JournalKit.Log(journal, run, step);
        }

        return run;
    }

    private async Task<long[]> HistoryAsync(JournalRun run)
    {
        var steps = new List<long>();
        await foreach (var point in _backend.GetMetricHistoryAsync(run.Definition.RunId!, "loss", default))
        {
            steps.Add(point.Step);
        }

        return [.. steps];
    }

    /// <summary>Lets the clock run until something has happened that waits for it.</summary>
    private async Task AdvanceUntil(Task task)
    {
        while (!task.IsCompleted)
        {
            _kit.Clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        await task;
    }
}
