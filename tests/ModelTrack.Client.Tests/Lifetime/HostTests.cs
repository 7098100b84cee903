using System.Diagnostics;
using System.Globalization;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Lifetime;

/// <summary>Programs with a server, under a host or not, that are told to end: while the server lives, is gone, or does not answer.</summary>
[Parallelizable(ParallelScope.Children)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class HostTests : IAsyncDisposable
{
    private const int Terminate = 15;

    /// <summary>How long trackers wait in these tests, where they wait 20 seconds after a signal and 30 at an exit.</summary>
    private const string Seconds = "2";

    /// <summary>A container's host waits 30 seconds and kills then; of these 20 are ours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30 - 20 + 2);

    private readonly ScratchFolder _scratch = new();
    private FakeServer? _server;
    private FaultyProxy? _proxy;

    private string Journals => _scratch["journals"];

    public async ValueTask DisposeAsync()
    {
        await (_proxy?.DisposeAsync() ?? default);
        await (_server?.DisposeAsync() ?? default);
        _scratch.Dispose();
    }

    [TestCase("using")]
    [TestCase("open")]
    public async Task A_host_that_a_signal_stops_tells_a_living_server_that_its_run_was_killed(string how)
    {
        using var child = await StartAsync("host", Seconds, how);
        var id = WaitUntilReady(child);
        child.Signal(Terminate);
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);

        Assert.That(Directory.GetFileSystemEntries(Journals), Is.Empty);
        await AssertStoredAsync(id, RunStatus.Killed);
    }

    [TestCase("using", true)]
    [TestCase("using", false)]
    [TestCase("open", true)]
    [TestCase("open", false)]
    public async Task A_host_that_a_signal_stops_does_not_wait_for_the_server_until_it_is_killed_and_loses_nothing(string how, bool isGone)
    {
        using var child = await StartAsync("host", Seconds, how);
        var id = WaitUntilReady(child);
        await TakeServerAwayAsync(isGone);
        var watch = Stopwatch.StartNew();
        child.Signal(Terminate);
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);
        Assert.That(watch.Elapsed, Is.LessThan(Patience));

        Assert.That(Directory.GetFileSystemEntries(Journals), Is.Not.Empty);
        GiveServerBack(isGone);
        await AdoptAsync();
        await AssertStoredAsync(id, RunStatus.Killed);
    }

    /// <summary>Without a signal: the program stops its host itself, and the training is cancelled; or it has left its run open.</summary>
    [TestCase("using", RunStatus.Killed)]
    [TestCase("open", RunStatus.Finished)]
    public async Task A_host_that_stops_by_itself_kills_the_run_that_it_cancels_and_ends_one_that_is_left_open_as_an_exit_does(
        string how, RunStatus expected)
    {
        using var child = await StartAsync("host", Seconds, how);
        var id = WaitUntilReady(child);
        child.Say("stop");
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);

        Assert.That(Directory.GetFileSystemEntries(Journals), Is.Empty);
        await AssertStoredAsync(id, expected);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task An_exit_waits_for_a_server_that_does_not_answer_once_however_many_trackers_there_are(bool isGone)
    {
        const int trackers = 4;
        using var child = await StartAsync("exit-on-word", Seconds, $"{trackers}");
        var ids = Enumerable.Range(0, trackers).Select(_ => child.WaitFor("run")).ToList();
        child.WaitFor("ready");
        await TakeServerAwayAsync(isGone);
        child.Say("exit");
        var took = int.Parse(child.WaitFor("closed"), CultureInfo.InvariantCulture);
        Assert.That(child.WaitForEnd().ExitCode, Is.Zero);
        Assert.That(took, Is.InRange(1900, 7000), "One after the other they take 8 seconds.");

        GiveServerBack(isGone);
        await AdoptAsync();
        foreach (var id in ids)
        {
            await AssertStoredAsync(id, RunStatus.Finished, "loss");
        }
    }

    private async Task<ChildProcess> StartAsync(string scenario, params string[] arguments)
    {
        _server = await FakeServer.StartAsync();
        _proxy = new FaultyProxy(_server.Url, TimeProvider.System);
        return ChildProcess.Start(scenario, [_proxy.Url.OriginalString, Journals, .. arguments]);
    }

    private static string WaitUntilReady(ChildProcess child)
    {
        var id = child.WaitFor("run");
        child.WaitFor("ready");
        return id;
    }

    private async Task TakeServerAwayAsync(bool isGone)
    {
        if (isGone)
        {
            await _proxy!.CloseAsync();
        }
        else
        {
            _proxy!.Script = _ => new Deed(Reply.Silence, Applies: false);
        }
    }

    private void GiveServerBack(bool isGone)
    {
        _proxy!.Script = _ => Deed.Pass;
        if (isGone)
        {
            _proxy.Open();
        }
    }

    private Tracker Open() => new(new TrackerOptions { TrackingUri = _proxy!.Url.OriginalString, JournalDirectory = Journals, CaptureContext = false });

    private async Task AdoptAsync()
    {
        using var tracker = Open();
        var report = await tracker.FlushAsync();
        Assert.That((report.Pending, report.Rejected), Is.EqualTo((0, 0)));
    }

    private async Task AssertStoredAsync(string id, RunStatus status, string metric = "last")
    {
        using var tracker = Open();
        var run = await tracker.Runs.GetAsync(id);
        Assert.That((run.Status, run.Metrics["loss"].Value, run.Metrics[metric].Value), Is.EqualTo((status, 1.0, 1.0)));
        Assert.That(run.EndTime, Is.Not.Null);
    }
}
