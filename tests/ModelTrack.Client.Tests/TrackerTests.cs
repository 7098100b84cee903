namespace ModelTrack.Client.Tests;

internal sealed class TrackerTests
{
    private StoreUnderTest _store = null!;

    [SetUp]
    public void SetUp() => _store = new StoreUnderTest(StoreKind.Folder);

    [TearDown]
    public void TearDown() => _store.Dispose();

    [Test]
    public async Task RunAsync_ends_the_run_as_its_code_ended()
    {
        using var tracker = _store.Open();
        using var cancel = new CancellationTokenSource();
        var ids = new Dictionary<string, string>();
        await tracker.RunAsync("good", (run, _) => Keep(run), experiment: "e");
        Assert.That(async () => await tracker.RunAsync("bad", Fails, experiment: "e"), Throws.TypeOf<FormatException>());
        Assert.That(
            async () => await tracker.RunAsync("cancelled", Cancels, experiment: "e", cancellationToken: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        await tracker.FlushAsync();

        var bad = await tracker.Runs.GetAsync(ids["bad"]);
        Assert.Multiple(async () =>
        {
            Assert.That((await tracker.Runs.GetAsync(ids["good"])).Status, Is.EqualTo(RunStatus.Finished));
            Assert.That((await tracker.Runs.GetAsync(ids["cancelled"])).Status, Is.EqualTo(RunStatus.Killed));
            Assert.That(bad.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(bad.Tags["exception.type"], Is.EqualTo("System.FormatException"));
            Assert.That(bad.Tags["exception.stacktrace"], Does.Contain(nameof(Fails)));
        });

        Task Keep(Run run)
        {
            ids[run.Name] = run.Id;
            return Task.CompletedTask;
        }

        async Task Fails(Run run, CancellationToken token)
        {
            await Keep(run);
            throw new FormatException("no number");
        }

        async Task Cancels(Run run, CancellationToken token)
        {
            await Keep(run);
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
        }
    }

    [Test]
    public async Task Run_ends_the_run_as_its_code_ended_and_returns_what_it_returns()
    {
        using var tracker = _store.Open();
        var good = tracker.Run("good", run => run.Id);
        var bad = "";
        Assert.That(
            () => tracker.Run("bad", run =>
            {
                bad = run.Id;
                throw new FormatException();
            }),
            Throws.TypeOf<FormatException>());
        var own = await tracker.RunAsync("own", (run, _) =>
        {
            run.End(RunStatus.Killed);
            return Task.FromResult(run.Id);
        });
        await tracker.FlushAsync();

        Assert.Multiple(async () =>
        {
            Assert.That((await tracker.Runs.GetAsync(good)).Status, Is.EqualTo(RunStatus.Finished));
            Assert.That((await tracker.Runs.GetAsync(bad)).Status, Is.EqualTo(RunStatus.Failed));
            Assert.That((await tracker.Runs.GetAsync(own)).Status, Is.EqualTo(RunStatus.Killed));
        });
    }

    [Test]
    public async Task A_run_that_an_exception_leaves_has_failed_though_it_was_caught()
    {
        using var tracker = _store.Open();
        var id = "";
        try
        {
            using var run = tracker.StartRun();
            id = run.Id;
            throw new FormatException("no number");
        }
        catch (FormatException)
        {
        }

        await tracker.FlushAsync();
        Assert.That((await tracker.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Failed));
    }

    [Test]
    public async Task A_flush_stores_everything_logged_before_it()
    {
        using var tracker = _store.Open();
        using var reader = _store.Open();
        using var run = tracker.StartRun();
        for (var i = 0; i < 5000; i++)
        {
            run.LogMetric("m", i, i);
        }

        var report = await tracker.FlushAsync();

        Assert.That(await reader.Runs.GetMetricHistoryAsync(run.Id, "m").CountAsync(), Is.EqualTo(5000));
        Assert.That(report.Accepted, Is.EqualTo(5000));
        Assert.That(report.Delivered, Is.EqualTo(5000));
    }

    [Test]
    public async Task A_run_open_when_its_tracker_is_disposed_ends_as_the_option_says(
        [Values(RunStatus.Finished, RunStatus.Failed, RunStatus.Killed)] RunStatus status)
    {
        var tracker = _store.Open(configure: options => options.StatusOfOpenRunsAtExit = status);
        var run = tracker.StartRun().LogMetric("m", 1);
        await tracker.DisposeAsync();

        using var reader = _store.Open();
        var stored = await reader.Runs.GetAsync(run.Id);
        Assert.Multiple(() =>
        {
            Assert.That(stored.Status, Is.EqualTo(status));
            Assert.That(stored.EndTime, Is.Not.Null);
            Assert.That(stored.Metrics, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task After_its_tracker_a_run_can_be_disposed_but_not_logged_to()
    {
        var tracker = _store.Open();
        var run = tracker.StartRun().LogMetric("m", 1);
        tracker.Dispose();
        tracker.Dispose();
        await tracker.DisposeAsync();

        Assert.Multiple(() =>
        {
            Assert.That(() => run.LogMetric("m", 1), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.LogMetrics(("m", 1)), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.LogParam("p", 1), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.LogParams(("p", 1)), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.SetTag("t", 1), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.DeleteTag("t"), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.LogText("a.txt", "x"), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.StartChild(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => tracker.StartRun(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(async () => await tracker.RunAsync("r", (_, _) => Task.CompletedTask), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => run.End(), Throws.Nothing);
            Assert.That(run.Dispose, Throws.Nothing);
        });
        var report = await run.EndAsync();
        Assert.That(report.Delivered, Is.EqualTo(2));
        Assert.That((await tracker.FlushAsync()).Pending, Is.Zero);
    }

    [Test]
    public void Threads_that_log_while_the_tracker_is_disposed_do_not_hold_it_up()
    {
        for (var round = 0; round < 20; round++)
        {
            var tracker = _store.Open();
            var run = tracker.StartRun();
            using var started = new CountdownEvent(4);
            var threads = Enumerable.Range(0, 4).Select(number => new Thread(() =>
            {
                started.Signal();
                try
                {
                    for (var i = 0; ; i++)
                    {
                        run.LogMetric($"m{number}", i, i);
                    }
                }
                catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
                {
                    // Disposed, or ended by the tracker just before.
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            started.Wait();
            tracker.Dispose();
            threads.ForEach(thread => Assert.That(thread.Join(TimeSpan.FromSeconds(30))));
        }
    }

    [Test]
    public async Task Two_trackers_in_one_process_share_a_folder()
    {
        using var one = _store.Open();
        using var two = _store.Open();
        using var run = one.StartRun(experiment: "e");
        using var same = two.StartRun(runId: run.Id);
        using var other = two.StartRun(experiment: "e");
        Parallel.Invoke(
            () => Log(run, 0),
            () => Log(same, 1000),
            () => Log(other, 0));
        await Task.WhenAll(one.FlushAsync(), two.FlushAsync());

        Assert.That(other.ExperimentId, Is.EqualTo(run.ExperimentId));
        var steps = await one.Runs.GetMetricHistoryAsync(run.Id, "m").Select(point => (int)point.Step).ToListAsync();
        Assert.That(steps.Order(), Is.EqualTo(Enumerable.Range(0, 2000)));
        Assert.That(await two.Runs.GetMetricHistoryAsync(other.Id, "m").CountAsync(), Is.EqualTo(1000));

        static void Log(Run run, int from)
        {
            for (var i = 0; i < 1000; i++)
            {
                run.LogMetric("m", i, from + i);
            }
        }
    }

    [Test]
    public async Task What_one_tracker_refuses_because_another_was_first_is_in_the_report()
    {
        using var one = _store.Open();
        using var two = _store.Open();
        using var run = one.StartRun();
        using var same = two.StartRun(runId: run.Id);
        run.LogParam("p", "first");
        await one.FlushAsync();
        same.LogParam("p", "second");

        var report = await same.EndAsync();

        Assert.That(report.Rejected, Is.EqualTo(1));
        Assert.That(report.Rejections[0], Has.Property("Key").EqualTo("p").And.Property("Value").EqualTo("second"));
        Assert.That((await one.Runs.GetAsync(run.Id)).Params["p"], Is.EqualTo("first"));
    }

    [Test]
    public async Task A_tracker_on_a_folder_that_is_missing_makes_it()
    {
        using (var tracker = new Tracker(_store.Scratch["deep/er/runs"]))
        {
            using var run = tracker.StartRun();
            run.LogMetric("m", 1);
        }

        using var reader = new Tracker(new Uri(_store.Scratch["deep/er/runs"]).AbsoluteUri);
        Assert.That(await reader.Runs.SearchAsync("Default").CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_store_that_is_removed_while_it_is_open_is_made_again_by_the_next_run()
    {
        using var tracker = _store.Open();
        Directory.Delete(_store.Folder, recursive: true);

        using var run = tracker.StartRun(experiment: "e");
        run.LogMetric("m", 1);
        var report = await run.EndAsync();

        Assert.That(report.Delivered, Is.EqualTo(2));
    }

    [Test]
    public void Nothing_is_left_of_the_journal_when_all_is_stored()
    {
        using (var tracker = _store.Open())
        {
            using var run = tracker.StartRun();
            run.LogMetric("m", 1);
        }

        Assert.That(Directory.GetFiles(_store.Folder, ".modeltrack-*.*"), Is.Empty);
    }

    [Test]
    public async Task An_experiment_that_was_renamed_or_deleted_is_not_used_by_its_old_name()
    {
        using var tracker = _store.Open();
        using var first = tracker.StartRun(experiment: "e");
        await tracker.Experiments.RenameAsync(first.ExperimentId, "f");
        using var second = tracker.StartRun(experiment: "e");
        Assert.That(second.ExperimentId, Is.Not.EqualTo(first.ExperimentId));

        await tracker.Experiments.DeleteAsync(second.ExperimentId);
        Assert.That(
            () => tracker.StartRun(experiment: "e"),
            Throws.TypeOf<ModelTrackException>().With.Message.Contains("'e'").And.Message.Contains("deleted"));
    }

    [Test]
    public void The_variables_of_MLflow_say_where_and_which_experiment()
    {
        using var byUri = Open(("MLFLOW_TRACKING_URI", _store.Folder), ("MLFLOW_EXPERIMENT_NAME", "from-variable"));
        using var run = byUri.StartRun();
        using var byDirectory = Open(("MLFLOW_TRACKING_DIR", _store.Folder), ("MLFLOW_EXPERIMENT_ID", run.ExperimentId));
        using var second = byDirectory.StartRun();
        using var argument = byDirectory.StartRun(experiment: "argument");
        Assert.Multiple(() =>
        {
            Assert.That(byUri.TrackingUri, Is.EqualTo(_store.Folder));
            Assert.That(byDirectory.TrackingUri, Is.EqualTo(_store.Folder));
            Assert.That(byUri.Experiments.GetAsync(run.ExperimentId).Result.Name, Is.EqualTo("from-variable"));
            Assert.That(second.ExperimentId, Is.EqualTo(run.ExperimentId));
            Assert.That(argument.ExperimentId, Is.Not.EqualTo(run.ExperimentId));
        });
    }

    [Test]
    public void An_experiment_id_that_is_unknown_or_another_name_says_so()
    {
        using var tracker = Open(("MLFLOW_TRACKING_URI", _store.Folder), ("MLFLOW_EXPERIMENT_ID", "4711"));
        using var both = Open(("MLFLOW_TRACKING_URI", _store.Folder), ("MLFLOW_EXPERIMENT_ID", "0"), ("MLFLOW_EXPERIMENT_NAME", "other"));

        Assert.That(() => tracker.StartRun(), Throws.TypeOf<ModelTrackException>().With.Message.Contains("4711"));
        Assert.That(() => both.StartRun(), Throws.TypeOf<ModelTrackException>().With.Message.Contains("other"));
    }

    [Test]
    public async Task MLFLOW_RUN_ID_is_the_first_run_and_no_other()
    {
        using var tracker = _store.Open();
        using var given = tracker.StartRun("given", experiment: "e");
        await given.LogParam("p", 1).EndAsync();

        using var program = Open(("MLFLOW_TRACKING_URI", _store.Folder), ("MLFLOW_RUN_ID", given.Id));
        using var first = program.StartRun();
        using var child = first.StartChild();
        using var second = program.StartRun();

        Assert.Multiple(() =>
        {
            Assert.That(first.Id, Is.EqualTo(given.Id));
            Assert.That(first.Name, Is.EqualTo("given"));
            Assert.That(child.Id, Is.Not.EqualTo(given.Id));
            Assert.That(second.Id, Is.Not.EqualTo(given.Id));
            Assert.That(() => first.LogParam("p", 2), Throws.TypeOf<ModelTrackException>());
        });
    }

    [Test]
    public async Task A_run_says_who_started_which_program()
    {
        using var tracker = _store.Open(
            environment: StoreUnderTest.Variables(("LOGNAME", "ada"), ("MLFLOW_RUN_CONTEXT", """{"ci": "yes"}""")),
            configure: options => options.CaptureContext = true);
        using var run = tracker.StartRun("r", tags: new Dictionary<string, string> { ["mlflow.source.type"] = "JOB" });

        var stored = await tracker.Runs.GetAsync(run.Id);
        Assert.Multiple(() =>
        {
            Assert.That(stored.UserId, Is.EqualTo("ada"));
            Assert.That(stored.Tags["mlflow.user"], Is.EqualTo("ada"));
            Assert.That(stored.Tags["mlflow.runName"], Is.EqualTo("r"));
            Assert.That(stored.Tags, Contains.Key("mlflow.source.name"));
            Assert.That(stored.Tags["mlflow.source.type"], Is.EqualTo("JOB"), "the caller's own wins");
            Assert.That(stored.Tags["ci"], Is.EqualTo("yes"));
        });
    }

    [Test]
    public async Task A_child_says_who_started_it_too()
    {
        using var tracker = _store.Open(
            environment: StoreUnderTest.Variables(("LOGNAME", "ada")), configure: options => options.CaptureContext = true);
        using var run = tracker.StartRun();
        using var child = run.StartChild();

        Assert.That((await tracker.Runs.GetAsync(child.Id)).Tags["mlflow.user"], Is.EqualTo("ada"));
    }

    [Test]
    public void Options_are_read_once()
    {
        var options = new TrackerOptions { TrackingUri = _store.Folder, ExperimentName = "first", CaptureContext = false };
        using var tracker = new Tracker(options, StoreUnderTest.NoVariables);
        options.ExperimentName = "second";
        using var run = tracker.StartRun();

        Assert.That(tracker.Experiments.GetAsync(run.ExperimentId).Result.Name, Is.EqualTo("first"));
    }

    [Test]
    public void A_journal_elsewhere_leaves_the_store_alone()
    {
        using var tracker = _store.Open(configure: options => options.JournalDirectory = _store.Scratch["journals"]);
        using var run = tracker.StartRun();
        run.LogMetric("m", 1);

        Assert.That(Directory.GetDirectories(_store.Scratch["journals"]), Has.Length.EqualTo(1));
        Assert.That(Directory.GetFiles(_store.Folder, ".modeltrack-*.segment"), Is.Empty);
    }

    private static Tracker Open(params (string, string)[] variables)
        => new(new TrackerOptions { CaptureContext = false }, StoreUnderTest.Variables(variables));
}
