namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>What the store says of a run after its program or block has ended in one of the ways in which they end.</summary>
[Parallelizable(ParallelScope.Children)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunEndTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly ScratchFolder _scratch = new();

    private string Folder => _scratch["mlruns"];

    public void Dispose() => _scratch.Dispose();

    [TestCase("caught-further-up", "boom")]
    [TestCase("caught-further-up-async", "boom")]
    [TestCase("swallowed-on-the-way", "boom")]
    [TestCase("inside-catch-fails", "second")]
    public async Task A_run_whose_using_block_an_exception_passes_has_failed_although_it_is_caught_further_up(string scenario, string message)
    {
        var run = await RunToItsEnd(scenario, exitCode: 0, isClean: true);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
        AssertException(run, message);
    }

    [TestCase("unhandled")]
    [TestCase("unhandled-async")]
    [TestCase("unhandled-in-a-thread")]
    [TestCase("await-using-unhandled")]
    public async Task A_run_that_is_open_when_an_exception_ends_the_program_has_failed(string scenario)
    {
        var run = await RunToItsEnd(scenario, exitCode: null, isClean: true);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
        AssertException(run, "boom");
    }

    /// <summary>Handlers of an unhandled exception run before it leaves the locks of the call that threw it.</summary>
    [Test]
    public async Task An_invalid_log_call_that_nobody_catches_ends_the_program_at_once_and_the_run_as_failed()
    {
        var run = await RunToItsEnd("invalid-key-unhandled", exitCode: null, isClean: true);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(run.Tags["exception.type"], Is.EqualTo("System.ArgumentException"));
    }

    [Test]
    public async Task A_run_that_is_started_and_ended_inside_a_catch_block_has_finished()
    {
        var run = await RunToItsEnd("inside-catch", exitCode: 0, isClean: true);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Finished));
        Assert.That(run.Tags, Does.Not.ContainKey("exception.type"));
    }

    [Test]
    public async Task A_run_that_was_started_before_a_catch_block_and_is_disposed_in_it_has_failed()
    {
        var run = await RunToItsEnd("disposed-in-catch", exitCode: 0, isClean: true);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
        AssertException(run, "boom");
    }

    /// <summary>What the runtime does not tell. Documented at Run.DisposeAsync.</summary>
    [Test]
    public async Task Await_using_does_not_see_an_exception_that_is_caught_further_up()
    {
        var run = await RunToItsEnd("await-using-caught", exitCode: 0, isClean: true);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Finished));
    }

    [TestCase("finished-long-before-crash")]
    [TestCase("finished-while-another-task-failed")]
    public async Task A_run_of_a_using_block_that_ended_well_has_finished_although_the_program_crashes_later(string scenario)
    {
        var run = await RunToItsEnd(scenario, exitCode: null, isClean: true);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Finished));
    }

    [TestCase(0, RunStatus.Finished, RunStatus.Finished)]
    [TestCase(0, RunStatus.Failed, RunStatus.Failed)]
    [TestCase(0, RunStatus.Killed, RunStatus.Killed)]
    [TestCase(3, RunStatus.Finished, RunStatus.Failed)]
    public async Task A_run_that_is_open_at_an_exit_ends_by_the_exit_code_and_the_option(int code, RunStatus option, RunStatus expected)
    {
        var run = await RunToItsEnd("exit", code, isClean: true, $"{code}", option.ToString());
        Assert.That(run.Status, Is.EqualTo(expected));
        Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));
    }

    [TestCase(0, RunStatus.Finished)]
    [TestCase(7, RunStatus.Failed)]
    public async Task A_run_that_is_open_when_the_main_method_returns_ends_by_the_exit_code(int code, RunStatus expected)
    {
        var run = await RunToItsEnd("return", code, isClean: true, $"{code}");
        Assert.That(run.Status, Is.EqualTo(expected));
        Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_of_a_program_that_fails_fast_is_failed_by_who_adopts_it()
    {
        var run = await RunToItsEnd("fail-fast", exitCode: null, isClean: false);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(run.EndTime, Is.Not.Null);
        Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_of_a_program_that_is_killed_is_failed_by_who_adopts_it()
    {
        using var child = ChildProcess.Start("wait", Folder);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Kill();

        Assert.That(StoredRun.StatusInFolder(Folder, id), Is.EqualTo(RunStatus.Running));
        var run = await StoredRun.AdoptAsync(Folder, id);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
        Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));
        Assert.That(StoredRun.Journals(Folder), Is.Empty);
    }

    [Test]
    public async Task What_a_killed_program_left_in_a_folder_is_adopted_though_the_folder_has_moved()
    {
        using var child = ChildProcess.Start("wait", Folder);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Kill();
        var moved = Folder + "-moved";
        Directory.Move(Folder, moved);
        try
        {
            var run = await StoredRun.AdoptAsync(moved, id);
            Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
            Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));
            Assert.That(StoredRun.Journals(moved), Is.Empty);
        }
        finally
        {
            Directory.Move(moved, Folder);
        }
    }

    [Test]
    public async Task A_run_that_somebody_has_resumed_since_its_program_was_killed_stays_running()
    {
        using var child = ChildProcess.Start("wait", Folder);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Kill();

        // Out of the way of who resumes, who would adopt it otherwise.
        var journals = StoredRun.Journals(Folder).Select(path => (Path: path, Hidden: path.Replace(".modeltrack-", ".hidden-"))).ToList();
        journals.ForEach(journal => File.Move(journal.Path, journal.Hidden));
        using var resumer = ChildProcess.Start("resume", Folder, id);
        resumer.WaitFor("ready");
        journals.ForEach(journal => File.Move(journal.Hidden, journal.Path));

        var run = await StoredRun.AdoptAsync(Folder, id);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Running));
        Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));

        resumer.Say("end");
        Assert.That(resumer.WaitForEnd().ExitCode, Is.Zero);
        Assert.That(StoredRun.StatusInFolder(Folder, id), Is.EqualTo(RunStatus.Finished));
    }

    [TestCase(Interrupt)]
    [TestCase(Terminate)]
    public async Task A_run_of_a_program_that_a_signal_ends_is_killed_at_once(int signal)
    {
        using var child = ChildProcess.Start("wait", Folder);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Signal(signal);
        child.WaitForEnd();

        Assert.That(StoredRun.StatusInFolder(Folder, id), Is.EqualTo(RunStatus.Killed));
        var run = await StoredRun.AdoptAsync(Folder, id);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Killed));
        Assert.That(run.EndTime, Is.Not.Null);
        Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));
    }

    /// <summary>The store does not answer while the signal comes; the journal remembers it.</summary>
    [Test]
    public async Task A_run_that_could_not_be_said_to_be_killed_at_once_is_killed_by_who_adopts_it()
    {
        using var child = ChildProcess.Start("wait", Folder);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        using (File.OpenHandle(Path.Combine(Folder, "0", id, ".modeltrack.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            child.Signal(Terminate);
            child.WaitForEnd();
        }

        var run = await StoredRun.AdoptAsync(Folder, id);
        Assert.That(run.Status, Is.EqualTo(RunStatus.Killed));
        Assert.That(run.Metrics["loss"].Value, Is.EqualTo(1));
    }

    [TestCase(Interrupt)]
    [TestCase(Terminate)]
    public async Task A_run_of_a_service_that_a_signal_stops_is_killed(int signal)
    {
        using var child = ChildProcess.Start("wait-with-token", Folder);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Signal(signal);
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);

        Assert.That(StoredRun.StatusInFolder(Folder, id), Is.EqualTo(RunStatus.Killed));
        Assert.That((await StoredRun.AdoptAsync(Folder, id)).Status, Is.EqualTo(RunStatus.Killed));
    }

    [TestCase("handler-first")]
    [TestCase("tracker-first")]
    public async Task A_program_that_catches_the_key_press_and_ends_by_itself_has_finished(string order)
    {
        using var child = ChildProcess.Start("cancel-key-press", Folder, order);
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        child.Signal(Interrupt);
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);

        Assert.That(StoredRun.StatusInFolder(Folder, id), Is.EqualTo(RunStatus.Finished));
        var run = await StoredRun.AdoptAsync(Folder, id);
        Assert.That(run.Metrics["after"].Value, Is.EqualTo(1));
    }

    private async Task<RunSnapshot> RunToItsEnd(string scenario, int? exitCode, bool isClean, params string[] arguments)
    {
        using var child = ChildProcess.Start(scenario, [Folder, .. arguments]);
        var id = child.WaitFor("run");
        child.WaitForEnd();
        Assert.That(child.ExitCode, exitCode is { } code ? Is.EqualTo(code) : Is.Not.Zero);
        Assert.That(StoredRun.Journals(Folder), isClean ? Is.Empty : Is.Not.Empty);
        return await StoredRun.AdoptAsync(Folder, id);
    }

    private static void AssertException(RunSnapshot run, string message)
    {
        Assert.That(run.Tags["exception.type"], Is.EqualTo("System.InvalidOperationException"));
        Assert.That(run.Tags["exception.message"], Is.EqualTo(message));
        Assert.That(run.Tags["exception.stacktrace"], Does.Contain("Throw(String message)"));
    }
}
