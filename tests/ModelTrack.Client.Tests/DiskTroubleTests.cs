using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Tests;

/// <summary>Disks that are full or read-only. Need root and Linux, since only a mount makes such a disk; skipped elsewhere.</summary>
internal sealed class DiskTroubleTests
{
    private readonly List<string> _mounts = [];
    private ScratchFolder _scratch = null!;

    [SetUp]
    public void SetUp() => _scratch = new ScratchFolder();

    [TearDown]
    public void TearDown()
    {
        foreach (var mount in _mounts)
        {
            Shell("umount", "-l", mount);
        }

        _mounts.Clear();
        _scratch.Dispose();
    }

    [Test]
    public async Task A_journal_on_a_full_disk_throws_at_the_call_and_loses_nothing_of_before()
    {
        var disk = Mount("disk", "size=2m");
        var clock = new FakeTimeProvider();
        var options = JournalOn(disk, clock);
        long logged = 0;
        string id;
        using (var tracker = new Tracker(options, StoreUnderTest.NoVariables))
        {
            using var run = tracker.StartRun();
            id = run.Id;
            var filler = Fill(disk);

            // The dispatcher empties segments meanwhile, but none can be made.
            Assert.That(
                () =>
                {
                    for (; logged < 100_000; logged++)
                    {
                        run.LogMetric("m", logged, logged);
                    }
                },
                Throws.InstanceOf<IOException>());
            Assert.That(() => run.LogParam("p", new string('v', 6000)), Throws.InstanceOf<IOException>());
            Assert.That(logged, Is.GreaterThan(1000));

            File.Delete(filler);
            run.LogParam("p", new string('v', 6000)).LogMetric("m", logged, logged);
            var report = await run.EndAsync();
            Assert.That(report.Delivered, Is.EqualTo(logged + 3));
        }

        using var reader = new Tracker(_scratch["mlruns"]);
        var steps = await reader.Runs.GetMetricHistoryAsync(id, "m").Select(point => point.Step).ToListAsync();
        Assert.That(steps, Is.EqualTo(Enumerable.Range(0, (int)logged + 1).Select(i => (long)i)));
        Assert.That((await reader.Runs.GetAsync(id)).Params["p"], Has.Length.EqualTo(6000));
    }

    [Test]
    public async Task Several_params_are_recorded_all_or_none_on_a_full_disk()
    {
        var disk = Mount("disk", "size=2m");
        var options = JournalOn(disk);
        var calls = 0;
        string id;
        using (var tracker = new Tracker(options, StoreUnderTest.NoVariables))
        {
            using var run = tracker.StartRun();
            id = run.Id;
            var filler = Fill(disk);
            var value = new string('v', 3000);
            Assert.That(
                () =>
                {
                    for (; calls < 10_000; calls++)
                    {
                        run.LogParams(($"a{calls}", value), ($"b{calls}", value), ($"c{calls}", value));
                    }
                },
                Throws.InstanceOf<IOException>());
            File.Delete(filler);
        }

        using var reader = new Tracker(_scratch["mlruns"]);
        Assert.That((await reader.Runs.GetAsync(id)).Params, Has.Count.EqualTo(3 * calls));
    }

    [Test]
    public async Task Disposing_does_not_throw_when_the_end_finds_no_room()
    {
        var disk = Mount("disk", "size=2m");
        var options = JournalOn(disk, shutdownTimeout: TimeSpan.FromSeconds(5));
        Run[] runs;
        using (var tracker = new Tracker(options, StoreUnderTest.NoVariables))
        {
            runs = [.. Enumerable.Range(0, 400).Select(_ => tracker.StartRun())];
            var filler = Fill(disk);
            Assert.That(
                () =>
                {
                    for (var i = 0; i < 100_000; i++)
                    {
                        runs[0].LogMetric("m", i, i);
                    }
                },
                Throws.InstanceOf<IOException>());
            FillSegment(runs[0]);
            Assert.That(() => runs[0].End(), Throws.Nothing, "Room is kept for the ends of runs.");
            Assert.That(() => Array.ForEach(runs, run => run.End()), Throws.InstanceOf<IOException>(), "But not for hundreds.");
            Assert.That(() => Array.ForEach(runs, run => run.Dispose()), Throws.Nothing);
            File.Delete(filler);
        }

        using var reader = new Tracker(_scratch["mlruns"]);
        foreach (var run in runs)
        {
            Assert.That((await reader.Runs.GetAsync(run.Id)).Status, Is.EqualTo(RunStatus.Finished), "The tracker's own end tried again.");
        }
    }

    [Test]
    public async Task A_store_on_a_full_disk_gets_everything_once_when_there_is_room_again()
    {
        var disk = Mount("disk", "size=4m");
        var options = new TrackerOptions
        {
            TrackingUri = disk + "/mlruns",
            JournalDirectory = _scratch["journals"],
            CaptureContext = false,
            ShutdownTimeout = TimeSpan.FromSeconds(5),
        };
        using var tracker = new Tracker(options, StoreUnderTest.NoVariables);
        using var run = tracker.StartRun();
        run.LogMetric("m", -1, -1);
        await tracker.FlushAsync();
        var filler = Fill(disk);
        for (var i = 0; i < 20_000; i++)
        {
            run.LogMetric("m", i, i);
        }

        run.LogParam("p", 1).SetTag("t", 2);
        using (var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
        {
            Assert.That(async () => await tracker.FlushAsync(patience.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(() => run.LogText("a.txt", new string('x', 100_000)), Throws.InstanceOf<IOException>());
        File.Delete(filler);
        var report = await run.EndAsync();

        var steps = await tracker.Runs.GetMetricHistoryAsync(run.Id, "m").Select(point => (int)point.Step).ToListAsync();
        var stored = await tracker.Runs.GetAsync(run.Id);
        Assert.Multiple(async () =>
        {
            Assert.That(report.Delivered, Is.EqualTo(20_004));
            Assert.That(report.Pending + report.Rejected, Is.Zero);
            Assert.That(steps, Is.EqualTo(Enumerable.Range(-1, 20_001)));
            Assert.That(stored.Params["p"], Is.EqualTo("1"));
            Assert.That(stored.Status, Is.EqualTo(RunStatus.Finished));
            Assert.That(await tracker.Runs.ListArtifactsAsync(run.Id), Is.Empty);
            Assert.That(Directory.GetFiles(disk, ".modeltrack-tmp*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }), Is.Empty);
        });
    }

    [Test]
    public async Task What_a_full_disk_did_not_take_is_delivered_by_the_next_tracker()
    {
        var disk = Mount("disk", "size=4m");
        var options = new TrackerOptions
        {
            TrackingUri = disk + "/mlruns",
            JournalDirectory = _scratch["journals"],
            CaptureContext = false,
            ShutdownTimeout = TimeSpan.FromMilliseconds(200),
        };
        string filler;
        string id;
        using (var tracker = new Tracker(options, StoreUnderTest.NoVariables))
        {
            using var run = tracker.StartRun();
            id = run.Id;
            filler = Fill(disk);
            for (var i = 0; i < 10_000; i++)
            {
                run.LogMetric("m", i, i);
            }
        }

        File.Delete(filler);
        using var next = new Tracker(options, StoreUnderTest.NoVariables);
        var report = await next.FlushAsync();

        var steps = await next.Runs.GetMetricHistoryAsync(id, "m").Select(point => (int)point.Step).ToListAsync();
        Assert.That(steps, Is.EqualTo(Enumerable.Range(0, 10_000)));
        Assert.That((await next.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Finished));
        Assert.That(report.Pending, Is.Zero);
    }

    [Test]
    public async Task A_journal_that_refuses_at_its_cap_counts_what_it_refused_but_never_an_end()
    {
        var disk = Mount("disk", "size=4m");
        var options = new TrackerOptions
        {
            TrackingUri = disk + "/mlruns",
            JournalDirectory = _scratch["journals"],
            CaptureContext = false,
            JournalSegmentSize = 1 << 16,
            JournalByteCap = 4 << 16,
            WhenJournalFull = JournalFullMode.Refuse,
        };
        string id;
        DeliveryReport report;
        using (var tracker = new Tracker(options, StoreUnderTest.NoVariables))
        {
            var run = tracker.StartRun();
            id = run.Id;
            var filler = Fill(disk);
            for (var i = 0; i < 20_000; i++)
            {
                run.LogMetric("m", i, i);
            }

            FillSegment(run, 200);
            Assert.That(() => run.End(), Throws.Nothing);
            File.Delete(filler);
            report = await tracker.FlushAsync();
        }

        using var reader = new Tracker(disk + "/mlruns");
        var stored = await reader.Runs.GetMetricHistoryAsync(id, "m").CountAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(report.Accepted, Is.EqualTo(report.Delivered + report.Rejected));
            Assert.That(report.Rejected, Is.GreaterThanOrEqualTo(20_000 - stored));
            Assert.That(report.Rejections[0].Reason, Does.Contain("JournalByteCap"));
            Assert.That((await reader.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Finished));
        });
    }

    [Test]
    public async Task A_read_only_store_can_be_read_and_says_that_it_cannot_be_written()
    {
        var disk = Mount("disk", "size=16m");
        string id;
        using (var tracker = new Tracker(disk + "/mlruns"))
        {
            using var run = tracker.StartRun(experiment: "e");
            id = run.Id;
        }

        Shell("mount", "-o", "remount,ro", disk);
        using var reader = new Tracker(disk + "/mlruns");

        Assert.That((await reader.Runs.GetAsync(id)).Status, Is.EqualTo(RunStatus.Finished));
        Assert.That(() => reader.StartRun(experiment: "e"), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(() => reader.StartRun(experiment: "new"), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(() => reader.StartRun(runId: id), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(
            async () => await reader.Runs.SetTagAsync(id, "t", "1"), Throws.InstanceOf<IOException>().With.Message.Contains("ead-only"));
        Assert.That((await reader.FlushAsync()).Accepted, Is.Zero);
    }

    [Test]
    public void A_read_only_store_with_its_journal_elsewhere_says_so_too()
    {
        var disk = Mount("disk", "size=4m");
        using (new Tracker(disk + "/mlruns"))
        {
        }

        Shell("mount", "-o", "remount,ro", disk);
        var options = new TrackerOptions { TrackingUri = disk + "/mlruns", JournalDirectory = _scratch["journals"], CaptureContext = false };
        using (var tracker = new Tracker(options, StoreUnderTest.NoVariables))
        {
            Assert.That(() => tracker.StartRun(), Throws.InstanceOf<IOException>().With.Message.Contains("ead-only"));
        }

        Assert.That(Directory.GetFileSystemEntries(_scratch["journals"]), Is.Empty, "no run was started, so no journal is left");
    }

    [Test]
    public void A_place_for_journals_that_was_written_once_and_is_read_only_now_is_passed_over()
    {
        var disk = Mount("disk", "size=4m");
        Directory.CreateDirectory(disk + "/modeltrack/journals");
        Shell("mount", "-o", "remount,ro", disk);

        Assert.That(JournalPlace.FirstWritable([disk]), Is.Null);
        Assert.That(
            JournalPlace.FirstWritable([disk, _scratch["other"]])?.Folder, Is.EqualTo(_scratch["other/modeltrack/journals"]));
        Assert.That(Directory.GetFiles(_scratch["other/modeltrack/journals"]), Is.Empty);
    }

    [Test]
    public void A_place_for_journals_that_is_full_is_not_left_for_another()
    {
        var disk = Mount("disk", "size=1m,nr_inodes=10");
        Directory.CreateDirectory(disk + "/modeltrack/journals");
        for (var i = 0; ; i++)
        {
            try
            {
                File.WriteAllText($"{disk}/{i}", "");
            }
            catch (IOException)
            {
                break;
            }
        }

        Assert.That(JournalPlace.FirstWritable([disk, _scratch["other"]])?.Folder, Is.EqualTo(disk + "/modeltrack/journals"));
    }

    /// <summary>A store on the ordinary disk whose journal, of small segments, lies on another one.</summary>
    private TrackerOptions JournalOn(string disk, TimeProvider? clock = null, TimeSpan? shutdownTimeout = null) => new()
    {
        TrackingUri = _scratch["mlruns"],
        JournalDirectory = disk + "/journals",
        CaptureContext = false,
        JournalSegmentSize = 1 << 18,
        TimeProvider = clock ?? TimeProvider.System,
        ShutdownTimeout = shutdownTimeout ?? TimeSpan.FromSeconds(30),
    };

    /// <summary>Logs records of falling size until the segment has no room for any.</summary>
    private static void FillSegment(Run run, int tries = int.MaxValue)
    {
        for (var size = 4096; size >= 0; size = size == 0 ? -1 : size / 2)
        {
            try
            {
                for (var i = 0; i < tries; i++)
                {
                    run.SetTag("t", new string('x', size));
                }
            }
            catch (IOException)
            {
                // The next smaller one.
            }
        }
    }

    private static string Fill(string disk)
    {
        var path = disk + "/filler";
        using var file = File.Create(path, 1);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            return path;
        }
    }

    private string Mount(string name, string options)
    {
        var path = Directory.CreateDirectory(_scratch[name]).FullName;
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || Shell("mount", "-t", "tmpfs", "-o", options, "tmpfs", path) != 0)
        {
            Assert.Ignore("A small disk cannot be mounted here: that needs Linux, root and the right to mount.");
        }

        _mounts.Add(path);
        return path;
    }

    private static int Shell(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
