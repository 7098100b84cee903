using System.Net;

namespace ModelTrack.Client.Tests.Delivery;

/// <summary>Runs that start while their server is away.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class OfflineStartTests : IDisposable
{
    private readonly RemoteStore _store = new();

    public void Dispose() => _store.Dispose();

    private async Task<ModelTrackException> FailureAsync(Task call)
    {
        await _store.AdvanceUntil(Task.WhenAny(call));
        return Assert.ThrowsAsync<ModelTrackException>(() => call)!;
    }

    [Test]
    public async Task A_run_starts_at_once_with_the_servers_id_when_the_server_is_there()
    {
        using var tracker = _store.Open();
        using var run = tracker.StartRun("a", experiment: "e", tags: Tags("team", "x"));
        var stored = (await _store.RunsAsync()).Single();
        Assert.Multiple(() =>
        {
            Assert.That(run.HasId);
            Assert.That(run.Id, Is.EqualTo(stored.Id));
            Assert.That(run.ExperimentId, Is.EqualTo(stored.ExperimentId));
            Assert.That(run.Url, Is.EqualTo(new Uri($"http://store.test/#/experiments/{stored.ExperimentId}/runs/{stored.Id}")));
            Assert.That(stored.Tags["team"], Is.EqualTo("x"));
        });
    }

    [Test]
    public async Task Without_the_server_a_run_starts_without_an_id_and_gets_everything_when_the_server_is_back()
    {
        using var tracker = _store.Open();
        _store.IsAway = true;
        var started = _store.Clock.GetUtcNow();
        var run = tracker.StartRun("a", experiment: "e", tags: Tags("team", "x"), description: "note");
        Assert.That((run.HasId, run.Name, run.Url, run.ExperimentId), Is.EqualTo((false, "a", (Uri?)null, "")));
        Assert.That(() => run.Id, Throws.InvalidOperationException.With.Message.Contains("GetIdAsync"));
        run.LogParam("lr", 0.1).LogMetric("loss", 1, step: 1);
        var id = run.GetIdAsync();
        var end = run.EndAsync();
        _store.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That((id.IsCompleted, end.IsCompleted), Is.EqualTo((false, false)));

        _store.IsAway = false;
        var report = await _store.AdvanceUntil(end);
        var stored = (await _store.RunsAsync()).Single();
        Assert.Multiple(() =>
        {
            Assert.That(id.Result, Is.EqualTo(stored.Id));
            Assert.That(run.Id, Is.EqualTo(stored.Id));
            Assert.That(run.Url?.AbsoluteUri, Does.EndWith(stored.Id));
            Assert.That(stored.Name, Is.EqualTo("a"));
            Assert.That(stored.StartTime, Is.EqualTo(started));
            Assert.That(stored.EndTime, Is.LessThan(started + TimeSpan.FromSeconds(10)));
            Assert.That(stored.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(stored.Params["lr"], Is.EqualTo("0.1"));
            Assert.That(stored.Tags["team"], Is.EqualTo("x"));
            Assert.That(stored.Tags["mlflow.note.content"], Is.EqualTo("note"));
            Assert.That(report.Pending, Is.Zero);
            Assert.That(report.Rejected, Is.Zero);
        });
    }

    [Test]
    public async Task A_file_that_goes_to_the_store_directly_does_not_wait_for_a_server_that_is_away()
    {
        using var tracker = _store.Open();
        _store.IsAway = true;
        var run = tracker.StartRun("a", experiment: "e");
        var file = _store.Scratch.Write("a.txt", "text");

        var error = await FailureAsync(run.LogArtifactAsync(file));
        Assert.That((error.ErrorCode, error.IsTransient), Is.EqualTo((ErrorCode.TemporarilyUnavailable, true)));
        Assert.That(error.Message, Does.Contain("http://store.test").And.Contain("LogArtifact "));

        _store.IsAway = false;
        await _store.AdvanceUntil(run.GetIdAsync());
        _store.IsAway = true;
        run.LogText("b.txt", "waits before it");
        Assert.That((await FailureAsync(run.LogArtifactAsync(file))).IsTransient);
    }

    [Test]
    public async Task A_table_of_a_run_that_was_resumed_without_its_server_says_that_its_rows_are_there()
    {
        using var tracker = _store.Open();
        var first = tracker.StartRun("a", experiment: "e");
        await _store.AdvanceUntil(first.EndAsync());
        _store.IsAway = true;
        var variables = new TrackingEnvironment(name => name == "MLFLOW_RUN_ID" ? first.Id : null);
        using var next = _store.Open(environment: variables);
        var run = next.StartRun();

        var error = Assert.Throws<ModelTrackException>(() => run.LogTable("t.json", ["x"], [[1]]));
        Assert.That(error!.IsTransient);
        Assert.That(error.Message, Does.Contain("'t.json'").And.Contain("resumed"));
    }

    [TestCase("The connection was refused", "The connection was refused. What is logged")]
    [TestCase("The server cannot be reached.", "The server cannot be reached. What is logged")]
    public void The_log_says_why_in_a_sentence_of_its_own(string reason, string logged)
    {
        var log = new ListLogger();
        using var tracker = _store.Open(options => options.LoggerFactory = new ListLoggerFactory(log));
        _store.Before = (_, _) => throw new ModelTrackException(ErrorCode.TemporarilyUnavailable, reason) { IsTransient = true };

        tracker.StartRun("a", experiment: "e");

        Assert.That(log.Warnings, Has.Some.Contains(logged));
    }

    [Test]
    public async Task A_run_that_logs_nothing_is_created_all_the_same()
    {
        using var tracker = _store.Open();
        _store.IsAway = true;
        var run = tracker.StartRun("a", experiment: "e");
        _store.IsAway = false;
        await _store.FlushAsync(tracker);
        Assert.That(run.Id, Is.EqualTo((await _store.RunsAsync()).Single().Id));
    }

    [Test]
    public async Task Children_of_such_a_run_become_its_children()
    {
        using var tracker = _store.Open();
        _store.IsAway = true;
        var parent = tracker.StartRun("parent", experiment: "e");
        using var child = parent.StartChild("child");
        using var grandchild = child.StartChild("grandchild");
        grandchild.LogMetric("loss", 1, step: 7);
        _store.IsAway = false;
        await _store.FlushAsync(tracker);
        var runs = (await _store.RunsAsync()).ToDictionary(run => run.Name);
        Assert.That(runs, Has.Count.EqualTo(3));
        Assert.That(runs["child"].ParentRunId, Is.EqualTo(runs["parent"].Id));
        Assert.That(runs["grandchild"].ParentRunId, Is.EqualTo(runs["child"].Id));
        Assert.That(runs.Values.Select(run => run.ExperimentId).Distinct().Count(), Is.EqualTo(1));
        Assert.That(await _store.StepsAsync(runs["grandchild"].Id), Is.EqualTo(new[] { 7 }));
    }

    [Test]
    public async Task Many_children_do_not_keep_their_parent_from_being_created()
    {
        using var tracker = _store.Open();
        _store.IsAway = true;
        var parent = tracker.StartRun("parent", experiment: "e");
        for (var i = 0; i < 20; i++)
        {
            parent.StartChild($"child {i}").LogMetric("loss", i);
        }

        _store.IsAway = false;
        await _store.FlushAsync(tracker);
        var runs = await _store.RunsAsync();
        Assert.That(runs.Count(run => run.ParentRunId == parent.Id), Is.EqualTo(20));
    }

    [Test]
    public async Task The_run_of_the_environment_is_attached_when_the_server_is_back()
    {
        string id;
        using (var before = _store.Open())
        {
            var first = before.StartRun("a", experiment: "e");
            id = first.Id;
            await _store.AdvanceUntil(first.EndAsync());
        }

        using var tracker = _store.Open(environment: StoreUnderTest.Variables(("MLFLOW_RUN_ID", id)));
        _store.IsAway = true;
        var run = tracker.StartRun();
        Assert.That(run.Id, Is.EqualTo(id));
        run.LogMetric("loss", 1, step: 5);
        _store.IsAway = false;
        await _store.FlushAsync(tracker);
        Assert.That((await _store.RunsAsync()).Single().Status, Is.EqualTo(RunStatus.Running));
        await _store.AdvanceUntil(run.EndAsync());
        Assert.That(await _store.StepsAsync(id), Is.EqualTo(new[] { 5 }));
        Assert.That((await _store.RunsAsync()).Single().Status, Is.EqualTo(RunStatus.Finished));
    }

    [TestCase(HttpStatusCode.Unauthorized)]
    [TestCase(HttpStatusCode.Forbidden)]
    [TestCase(HttpStatusCode.NotFound)]
    [TestCase(HttpStatusCode.Redirect)]
    public void A_server_that_says_no_is_not_away(HttpStatusCode status)
    {
        using (var tracker = _store.Open())
        {
            _store.Before = (call, _) => call == "create-run" ? throw RemoteStore.No(status) : Task.CompletedTask;
            Assert.That(() => tracker.StartRun("a", experiment: "e"), Throws.InstanceOf<ModelTrackException>());
        }

        Assert.That(Directory.EnumerateFileSystemEntries(_store.Journals), Is.Empty, "Nobody will create it later.");
    }

    [Test]
    public async Task The_wait_for_a_server_that_does_not_answer_is_bounded()
    {
        using var tracker = _store.Open(options => options.StartTimeout = TimeSpan.FromSeconds(3));
        var answer = new TaskCompletionSource();
        _store.Before = (_, token) => answer.Task;
        var start = tracker.StartRunAsync("a", experiment: "e");
        _store.Clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.That(start.IsCompleted, Is.False);
        _store.Clock.Advance(TimeSpan.FromSeconds(0.2));
        var run = await start;
        Assert.That(run.HasId, Is.False);
        answer.SetResult();
        Assert.That(await _store.AdvanceUntil(run.GetIdAsync()), Is.Not.Empty);
    }

    [TestCase("get-run")]
    [TestCase("find-experiment")]
    [TestCase("set-tag")]
    [TestCase("update-run")]
    public async Task The_wait_for_a_run_to_go_on_with_is_bounded_whatever_the_server_does_not_answer(string silent)
    {
        using var first = _store.Open();
        var id = first.StartRun("a", experiment: "e").Id;
        using var tracker = _store.Open(options => options.StartTimeout = TimeSpan.FromSeconds(3));
        var answer = new TaskCompletionSource();
        _store.Before = (call, _) => call == silent ? answer.Task : Task.CompletedTask;
        using var run = await _store.AdvanceUntil(tracker.StartRunAsync(experiment: "e", runId: id));
        run.LogMetric("loss", 1, step: 7);
        answer.SetResult();
        await _store.AdvanceUntil(run.EndAsync());
        Assert.That(await _store.StepsAsync(id), Is.EqualTo(new[] { 7 }));
        Assert.That(_store.Calls, Does.Contain(silent));
    }

    [Test]
    public async Task A_run_to_go_on_with_that_turns_out_to_be_in_another_experiment_rejects_its_records_and_says_why()
    {
        using var first = _store.Open();
        var id = first.StartRun("a", experiment: "e").Id;
        first.StartRun("b", experiment: "other").End();
        using var tracker = _store.Open();
        _store.IsAway = true;
        using var run = tracker.StartRun(experiment: "other", runId: id);
        run.LogMetric("loss", 1);
        _store.IsAway = false;
        var report = await _store.AdvanceUntil(run.EndAsync());
        Assert.That(report.Rejections.Select(rejection => rejection.Reason), Is.All.Contains("not to 'other'"));
        Assert.That(report.Rejected, Is.Positive);
    }

    [Test]
    public async Task A_creation_whose_answer_was_lost_is_found_and_not_repeated()
    {
        using var tracker = _store.Open();
        var lost = 1;
        _store.After = call =>
        {
            if (call == "create-run" && lost-- > 0)
            {
                throw RemoteStore.Away(mayBeApplied: true);
            }
        };
        var run = tracker.StartRun("a", experiment: "e");
        run.LogMetric("loss", 1, step: 3);
        await _store.AdvanceUntil(run.EndAsync());
        var stored = (await _store.RunsAsync()).Single();
        Assert.That(await _store.StepsAsync(stored.Id), Is.EqualTo(new[] { 3 }));
        Assert.That(run.Id, Is.EqualTo(stored.Id));
    }

    [Test]
    public async Task The_next_process_creates_what_this_one_could_not()
    {
        using (var dying = _store.Open())
        {
            _store.IsAway = true;
            var ended = dying.StartRun("ended", experiment: "e");
            ended.LogMetric("loss", 1, step: 1);
            using var child = ended.StartChild("child");
            ended.End();
            child.LogMetric("loss", 1, step: 2);
        }

        _store.IsAway = false;
        using var next = _store.Open();
        await _store.FlushAsync(next);
        var runs = (await _store.RunsAsync()).ToDictionary(run => run.Name);
        Assert.That(runs.Keys, Is.EquivalentTo(new[] { "ended", "child" }));
        Assert.That(runs["child"].ParentRunId, Is.EqualTo(runs["ended"].Id));
        Assert.That(await _store.StepsAsync(runs["ended"].Id), Is.EqualTo(new[] { 1 }));
        Assert.That(await _store.StepsAsync(runs["child"].Id), Is.EqualTo(new[] { 2 }));
        Assert.That(runs["ended"].Status, Is.EqualTo(RunStatus.Finished));
    }

    /// <summary>It had resumed the run without its server, logged to it, and was killed.</summary>
    [TestCase(false, RunStatus.Failed)]
    [TestCase(true, RunStatus.Finished)]
    public async Task What_a_dead_process_logged_to_a_run_comes_to_it_and_changes_nothing_of_a_later_end(bool isResumedLater, RunStatus status)
    {
        string id;
        using (var before = _store.Open())
        {
            var first = before.StartRun("a", experiment: "e");
            id = first.Id;
            await _store.AdvanceUntil(first.EndAsync());
        }

        _store.Clock.Advance(TimeSpan.FromMinutes(1));
        _store.IsAway = true;
        using (var killed = _store.Open(environment: StoreUnderTest.Variables(("MLFLOW_RUN_ID", id))))
        {
            killed.StartRun().LogMetric("loss", 1, step: 5);

            LeaveAsKilled();
        }

        _store.IsAway = false;
        _store.Clock.Advance(TimeSpan.FromMinutes(1));
        if (isResumedLater)
        {
            using var later = _store.Open(options => options.JournalDirectory = _store.Scratch["later"]);
            var run = await _store.AdvanceUntil(later.StartRunAsync(runId: id));
            await _store.AdvanceUntil(run.EndAsync());
        }

        using var next = _store.Open(options => options.JournalDirectory = _store.Scratch["dead"]);
        await _store.FlushAsync(next);
        Assert.That(await _store.StepsAsync(id), Is.EqualTo(new[] { 5 }));
        Assert.That((await _store.RunsAsync()).Single().Status, Is.EqualTo(status));
    }

    /// <summary>What is left of the journal says that the parent has ended, but no longer which id it got.</summary>
    [Test]
    public async Task A_dead_process_child_whose_parent_is_through_gets_its_records_and_its_parent()
    {
        using (var killed = _store.Open())
        {
            _store.IsAway = true;
            var parent = killed.StartRun("parent", experiment: "e");
            var child = parent.StartChild("child");
            child.LogMetric("loss", 1, step: 5);
            _store.IsAway = false;
            _store.OnBatch = batch => batch.Metrics.Count > 0 ? throw RemoteStore.No(HttpStatusCode.Unauthorized) : Task.CompletedTask;
            await _store.AdvanceUntil(parent.EndAsync());
            LeaveAsKilled();
        }

        _store.OnBatch = _ => Task.CompletedTask;
        using var next = _store.Open(options => options.JournalDirectory = _store.Scratch["dead"]);
        await _store.FlushAsync(next);
        var runs = (await _store.RunsAsync()).ToDictionary(run => run.Name);
        Assert.That(await _store.StepsAsync(runs["child"].Id), Is.EqualTo(new[] { 5 }));
        Assert.That(runs["child"].ParentRunId, Is.EqualTo(runs["parent"].Id));
        Assert.That((runs["parent"].Status, runs["child"].Status), Is.EqualTo((RunStatus.Finished, RunStatus.Failed)));
    }

    [Test]
    public async Task A_creation_under_way_when_the_process_died_is_found_by_the_next_one()
    {
        using (var dying = _store.Open())
        {
            _store.After = call => { if (call == "create-run") { throw RemoteStore.Away(mayBeApplied: true); } };
            var run = dying.StartRun("a", experiment: "e");
            _store.IsAway = true;
            run.LogMetric("loss", 1, step: 1);
            run.End();
        }

        _store.After = _ => { };
        _store.IsAway = false;
        using var next = _store.Open();
        await _store.FlushAsync(next);
        Assert.That(await _store.StepsAsync((await _store.RunsAsync()).Single().Id), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task A_server_that_refuses_the_run_when_it_is_back_rejects_its_records_and_says_why()
    {
        using var tracker = _store.Open();
        _store.IsAway = true;
        var run = tracker.StartRun("a", experiment: "e");
        run.LogMetric("loss", 1);
        _store.Before = (call, _) => call == "create-run" ? throw RemoteStore.No(HttpStatusCode.BadRequest, "the experiment is closed") : Task.CompletedTask;
        var report = await _store.AdvanceUntil(run.EndAsync());
        Assert.That(
            report.Rejections.Select(rejection => (rejection.RunId, rejection.Reason)),
            Is.All.EqualTo(((string?)null, "Run 'a' (no id yet) could not be created: the experiment is closed")));
        Assert.That((report.Accepted, report.Rejected), Is.EqualTo((2, 2)));
        Assert.That(() => run.GetIdAsync(), Throws.InstanceOf<ModelTrackException>().With.Message.Contains("the experiment is closed"));
    }

    [Test]
    public async Task A_caller_who_gives_up_leaves_no_run_that_stays_open()
    {
        using var tracker = _store.Open();
        using var cancel = new CancellationTokenSource();
        _store.After = call =>
        {
            if (call == "create-run")
            {
                cancel.Cancel();
                throw new OperationCanceledException(cancel.Token);
            }
        };
        Assert.That(() => tracker.StartRunAsync("a", experiment: "e", cancellationToken: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        _store.After = _ => { };
        await _store.FlushAsync(tracker);
        Assert.That((await _store.RunsAsync()).Single().Status, Is.EqualTo(RunStatus.Killed));
    }

    private static Dictionary<string, string> Tags(string key, string value) => new() { [key] = value };

    /// <summary>A journal as it is at this moment is what a kill leaves, but for the lock, which is held: a copy of it, below <c>dead</c>.</summary>
    private void LeaveAsKilled()
    {
        var journal = Directory.GetDirectories(_store.Journals).Single();
        var copy = Directory.CreateDirectory(_store.Scratch["dead/" + Path.GetFileName(journal)]);
        foreach (var segment in Directory.GetFiles(journal, "*.segment"))
        {
            File.Copy(segment, Path.Combine(copy.FullName, Path.GetFileName(segment)));
        }

        File.WriteAllText(Path.Combine(copy.FullName, "lock"), "");
    }
}
