using System.Runtime.Versioning;
using ModelTrack.Client.Journal;
using static ModelTrack.Client.Tests.Journal.JournalKit;
using RecordKind = ModelTrack.Client.Journal.RecordKind;
using TheJournal = ModelTrack.Client.Journal.Journal;

namespace ModelTrack.Client.Tests.Journal;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class JournalTests : IDisposable
{
    private readonly JournalKit _kit = new();

    public void Dispose() => _kit.Dispose();

    [TestCase(SegmentMode.Mapped)]
    [TestCase(SegmentMode.WriteThrough)]
    public void What_was_written_reads_back_in_the_process_and_after_it(SegmentMode mode)
    {
        using var journal = _kit.Open(new JournalOptions { SegmentSize = SmallSegment, Mode = mode });
        var expected = WriteOfEverything(journal);
        Assert.That(ReadAll(journal.Log), Is.EqualTo(expected));
        journal.Dispose();
        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(expected));
        Assert.That((dead.Log.Accepted, dead.Orphans, dead.SignalCame), Is.EqualTo(((long)expected.Count, 0, false)));
        dead.Leave();
    }

    [Test]
    public void A_journal_in_memory_works_alike()
    {
        using var journal = TheJournal.Create(
            null, Destination, new JournalOptions { SegmentSize = SmallSegment }, _kit.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var expected = WriteOfEverything(journal);
        Assert.That(ReadAll(journal.Log, settle: true), Is.EqualTo(expected));
        Assert.That(ReadAll(journal.Log), Is.Empty);
        Assert.That(journal.Log.Files, Is.Null);
    }

    [TestCase(SegmentMode.Mapped)]
    [TestCase(SegmentMode.WriteThrough)]
    public void Every_record_reaches_the_file_before_its_call_returns(SegmentMode mode)
    {
        using var journal = _kit.Open(new JournalOptions { SegmentSize = SmallSegment, Mode = mode });
        var run = _kit.OpenRun(journal);
        for (var step = 1; step <= 100; step++)
        {
            Log(journal, run, step);
            Assert.That(Map(_kit.Segments[0])[^1].Point, Is.EqualTo(Point(step)));
        }
    }

    [TestCase(SegmentMode.Mapped)]
    [TestCase(SegmentMode.WriteThrough)]
    public void Segments_follow_each_other_without_a_gap(SegmentMode mode)
    {
        using var journal = _kit.Open(new JournalOptions { SegmentSize = SmallSegment, Mode = mode });
        LogMany(journal, 20_000);
        Assert.That(journal.Log.SegmentCount, Is.GreaterThan(10));
        journal.Dispose();
        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(Points(20_000)));
        dead.Leave();
    }

    [Test]
    public void Each_segment_can_be_read_alone()
    {
        List<string> all = [];
        for (var i = 0; i < 4; i++)
        {
            using var kit = new JournalKit();
            using (var journal = kit.Open())
            {
                var run = kit.OpenRun(journal);
                for (var step = 1; step <= 5_000; step++)
                {
                    Log(journal, run, step);
                }
            }

            foreach (var other in kit.Segments.Where((_, at) => at != i))
            {
                File.Delete(other);
            }

            var dead = kit.AdoptOne();
            var points = ReadAll(dead.Log);
            Assert.That(points, Is.Not.Empty);
            all.AddRange(points);
            dead.Leave();
        }

        Assert.That(all, Is.EqualTo(Points(5_000)));
    }

    [Test]
    public void Settled_segments_go_and_settled_records_are_not_read_again()
    {
        using var journal = _kit.Open();
        var run = LogMany(journal, 10_000);
        ReadAll(journal.Log, settle: true);
        Assert.That(journal.Log.SegmentCount, Is.EqualTo(1));
        Log(journal, run, 10_001);
        journal.Dispose();
        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(new[] { Point(10_001) }));
        Assert.That(dead.Log.Accepted, Is.EqualTo(1));
        dead.Leave();
    }

    [Test]
    public void A_run_that_is_open_is_known_although_the_segment_that_said_it_is_gone()
    {
        using var journal = _kit.Open();
        var quiet = _kit.OpenRun(journal);
        LogMany(journal, 10_000);
        ReadAll(journal.Log, settle: true);
        journal.Dispose();
        var dead = _kit.AdoptOne();
        Assert.That(dead.Log.Runs.Select(run => run.Definition.RunId), Does.Contain(quiet.Definition.RunId));
        dead.Leave();
    }

    [Test]
    public void An_adopter_that_dies_half_way_leaves_the_open_runs_and_the_signal_to_the_next()
    {
        using (var journal = _kit.Open())
        {
            _kit.OpenRun(journal);
            journal.AppendSignal(15);
            LogMany(journal, 10_000);
        }

        // Only the first segment says the quiet run.
        var first = _kit.AdoptOne();
        ReadAll(first.Log, settle: true);
        first.Leave();
        var second = _kit.AdoptOne();
        Assert.That(second.Log.Runs.Where(run => !run.Ended).Select(run => run.Definition.RunId), Is.EquivalentTo(new[] { "run1", "run2" }));
        Assert.That(second.SignalCame);
        Assert.That(ReadAll(second.Log), Is.Empty);
        second.Delete();
        Assert.That(_kit.Files, Is.Empty);
    }

    [Test]
    public void A_signal_is_remembered_although_the_segment_that_said_it_is_gone()
    {
        using (var journal = _kit.Open())
        {
            var run = _kit.OpenRun(journal);
            journal.AppendSignal(15);
            for (var step = 1; step <= 10_000; step++)
            {
                Log(journal, run, step);
            }

            ReadAll(journal.Log, settle: true);
            Assert.That(journal.Log.SegmentCount, Is.EqualTo(1));
        }

        var dead = _kit.AdoptOne();
        Assert.That(dead.SignalCame);
        dead.Leave();
    }

    [Test]
    public void Damaged_bytes_cost_the_records_that_they_are_in_and_no_others([Range(1, 20)] int seed)
    {
        using (var journal = _kit.Open())
        {
            LogMany(journal, 3_000);
        }

        var random = new Random(seed);
        var expected = Points(3_000);
        foreach (var path in _kit.Segments)
        {
            var records = Map(path).FindAll(record => record.Point is not null);
            var bytes = File.ReadAllBytes(path);
            for (var i = 0; i < random.Next(30) && records.Count > 0; i++)
            {
                var (from, to, point) = records[random.Next(records.Count)];
                bytes[random.Next(from, to)] ^= (byte)random.Next(1, 256);
                records.RemoveAll(record => record.From == from);
                expected.Remove(point!);
            }

            File.WriteAllBytes(path, bytes);
        }

        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(expected));
        dead.Leave();
    }

    [Test]
    public void Holes_of_zeros_and_torn_records_are_not_the_end()
    {
        using (var journal = _kit.Open())
        {
            LogMany(journal, 1_000);
        }

        var path = _kit.Segments[0];
        var records = Map(path).FindAll(record => record.Point is not null);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(records[100].From, 40 * 50).Clear();

        // Torn: all but the length, which is written last.
        bytes.AsSpan(records[500].From, sizeof(uint)).Clear();
        File.WriteAllBytes(path, bytes);
        var expected = Points(1_000);
        expected.RemoveAt(500);
        expected.RemoveRange(100, 50);

        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(expected));
        dead.Leave();
    }

    [Test, CancelAfter(20_000)]
    public void A_segment_full_of_garbage_is_read_to_its_end([Values("ones", "random", "copied", "cut")] string garbage)
    {
        using (var journal = _kit.Open(new JournalOptions()))
        {
            LogMany(journal, 1_000);
        }

        var path = _kit.Segments[0];
        var records = Map(path);
        var firstPoint = records.Find(record => record.Point is not null).From;
        var bytes = File.ReadAllBytes(path);
        var body = bytes.AsSpan(firstPoint);
        switch (garbage)
        {
            case "ones":
                body.Fill(0xFF);
                break;
            case "random":
                new Random(1).NextBytes(body);
                break;
            case "copied":
                // Whole records, at places that they were not written for.
                var record = bytes.AsSpan(firstPoint, 40).ToArray();
                for (var at = 40; at + 40 <= body.Length; at += 40)
                {
                    record.CopyTo(body[at..]);
                }

                body[..40].Clear();
                break;
            default:
                bytes = bytes[..(firstPoint + 20)];
                break;
        }

        File.WriteAllBytes(path, bytes);
        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.Empty);
        dead.Delete();
        Assert.That(_kit.Files, Is.Empty);
    }

    [Test]
    public void A_point_whose_key_is_damaged_is_counted_and_not_guessed()
    {
        using (var journal = _kit.Open())
        {
            LogMany(journal, 10);
        }

        var path = _kit.Segments[0];
        var records = Map(path);
        var key = records[records.FindIndex(record => record.Point is not null) - 1];
        var bytes = File.ReadAllBytes(path);
        bytes[key.From + 20] ^= 1;
        File.WriteAllBytes(path, bytes);
        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(Enumerable.Repeat("unreadable", 10)));
        dead.Leave();
    }

    [Test]
    public void A_full_journal_that_refuses_counts_what_it_refused_and_says_so_once()
    {
        var logger = new ListLogger();
        using var journal = _kit.Open(
            new JournalOptions { SegmentSize = SmallSegment, ByteCap = 2 * SmallSegment, WhenFull = JournalFullMode.Refuse }, logger);
        var run = _kit.OpenRun(journal);
        var taken = 0;
        while (Log(journal, run, taken + 1))
        {
            taken++;
        }

        Assert.That(journal.AppendPair(run, RecordKind.Param, "p", "v"), Is.False);
        Assert.That((journal.Log.Accepted, journal.Log.Rejected), Is.EqualTo((taken + 2L, 2L)));
        Assert.That(run.Rejections.Select(rejection => (rejection.Kind, rejection.Key)), Is.EqualTo(new[] { ("metric", "loss"), ("param", "p") }));
        Assert.That(logger.Warnings, Has.One.Contains("has reached its limit of 131072 bytes"));
        Assert.That(ReadAll(journal.Log, settle: true), Is.EqualTo(Points(taken)));
        Assert.That(Log(journal, run, taken + 1), "There is room again.");
    }

    [Test]
    public void A_full_journal_takes_the_end_of_a_run_all_the_same()
    {
        using var journal = _kit.Open(new JournalOptions { SegmentSize = SmallSegment, ByteCap = 2 * SmallSegment, WhenFull = JournalFullMode.Refuse });
        var run = _kit.OpenRun(journal);
        for (var step = 1; Log(journal, run, step); step++)
        {
        }

        journal.AppendStatus(run, RunStatus.Finished, 5);
        Assert.That(run.Ended);
        Assert.That(ReadAll(journal.Log)[^1], Is.EqualTo("run1 Finished at 5"));
    }

    [Test]
    public async Task A_full_journal_that_waits_goes_on_when_there_is_room_and_gives_up_when_the_time_is_over()
    {
        using var journal = _kit.Open(new JournalOptions { SegmentSize = SmallSegment, ByteCap = 2 * SmallSegment, FullTimeout = TimeSpan.FromSeconds(30) });
        var run = _kit.OpenRun(journal);
        using var full = new SemaphoreSlim(0);
        journal.RecordArrived += () => full.Release();
        var logging = Task.Run(() =>
        {
            var taken = 0;
            while (Log(journal, run, taken + 1))
            {
                taken++;
            }

            return taken;
        });

        Assert.That(await full.WaitAsync(TimeSpan.FromSeconds(30)));
        var first = ReadAll(journal.Log, settle: true);
        while (journal.Log.SegmentCount < 2)
        {
            await Task.Yield();
        }

        while (full.Wait(0))
        {
        }

        Assert.That(await full.WaitAsync(TimeSpan.FromSeconds(30)), "It is full again.");
        Assert.That(logging.IsCompleted, Is.False);
        _kit.Clock.Advance(TimeSpan.FromSeconds(31));
        var taken = await logging;
        Assert.That(taken, Is.GreaterThan(first.Count));
        Assert.That((journal.Log.Accepted, journal.Log.Rejected), Is.EqualTo((taken + 1L, 1L)));
    }

    [Test]
    public void Where_no_segment_can_be_made_the_call_says_so_and_nothing_before_it_is_lost()
    {
        using var journal = _kit.Open();
        var run = _kit.OpenRun(journal);
        var obstacle = Directory.CreateDirectory(_kit.Segments[0].Replace("00000001", "00000002", StringComparison.Ordinal));
        var taken = LogUntilItThrows<IOException>(journal, run);
        Assert.That(ReadAll(journal.Log), Is.EqualTo(Points(taken)));

        obstacle.Delete();
        Log(journal, run, taken + 1);
        Assert.That(ReadAll(journal.Log), Is.EqualTo(Points(taken + 1)));
    }

    [Test]
    public void A_key_whose_first_point_found_no_room_is_not_remembered()
    {
        using var journal = _kit.Open();
        var run = _kit.OpenRun(journal);
        Directory.CreateDirectory(_kit.Segments[0].Replace("00000001", "00000002", StringComparison.Ordinal));
        LogUntilItThrows<IOException>(journal, run);

        var remembered = new List<string>();
        Assert.That(
            () => journal.AppendMetric(run, "new", new MetricPoint(1, 1, 1), remembered, static (keys, key) => keys.Add(key)),
            Throws.InstanceOf<IOException>());
        Assert.That(remembered, Is.Empty);
        Assert.That(() => journal.AppendStatus(run, RunStatus.Finished, 1), Throws.Nothing, "Room is kept for the end.");
    }

    [Test]
    public void On_a_full_disk_the_call_says_so_and_nothing_before_it_is_lost()
    {
        var disk = Directory.CreateTempSubdirectory("modeltrack-disk-").FullName;
        if (!OperatingSystem.IsLinux() || !TryRun("mount", "-t", "tmpfs", "-o", "size=300k", "none", disk))
        {
            Directory.Delete(disk);
            Assert.Ignore("A small disk cannot be mounted here; it needs Linux and root.");
        }

        try
        {
            using (var journal = TheJournal.Create(
                new JournalPlace(disk, InsideStore: false), Destination, new JournalOptions { SegmentSize = SmallSegment }, _kit.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance))
            {
                var run = _kit.OpenRun(journal);
                var taken = LogUntilItThrows<IOException>(journal, run);
                Assert.That(taken, Is.GreaterThan(3_000));
                Assert.That(ReadAll(journal.Log, settle: true), Is.EqualTo(Points(taken)));
                Log(journal, run, taken + 1);
            }
        }
        finally
        {
            TryRun("umount", disk);
            Directory.Delete(disk);
        }
    }

    [Test, UnsupportedOSPlatform("windows"), Platform("Linux,MacOsX")]
    public void All_files_are_for_the_owner_alone()
    {
        using var journal = _kit.Open();
        var run = LogMany(journal, 5_000);
        using var notes = new NoteSlots(journal.Log.Files);
        notes.Write(run, 1, 0, 10, new Dictionary<int, long>());
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(_kit.Files.Select(File.GetUnixFileMode), Is.All.EqualTo(file));
        Assert.That(_kit.Files, Has.Some.EndsWith(".note").And.Some.EndsWith("lock"));
        Assert.That(
            Directory.GetDirectories(_kit.Folder).Append(_kit.Folder).Select(File.GetUnixFileMode), Is.All.EqualTo(file | UnixFileMode.UserExecute));
    }

    [Test]
    public void A_journal_in_which_all_is_settled_goes_when_it_is_closed()
    {
        var journal = _kit.Open();
        var run = LogMany(journal, 5_000);
        journal.AppendStatus(run, RunStatus.Finished, 5);
        ReadAll(journal.Log, settle: true);
        journal.Dispose();
        Assert.That(Directory.GetFileSystemEntries(_kit.Folder), Is.Empty);
    }

    [Test]
    public void A_journal_with_an_open_run_stays_although_all_is_settled()
    {
        var journal = _kit.Open();
        LogMany(journal, 10);
        ReadAll(journal.Log, settle: true);
        journal.Dispose();
        Assert.That(_kit.Files, Is.Not.Empty);
    }

    [Test]
    public void A_journal_in_use_or_for_another_destination_is_left_alone()
    {
        using var journal = _kit.Open();
        LogMany(journal, 10);
        Assert.That(_kit.Adopt(), Is.Empty);
        journal.Dispose();
        var files = _kit.Files;
        Assert.That(_kit.Adopt("/data/others"), Is.Empty);
        Assert.That(_kit.Files, Is.EqualTo(files));
        _kit.AdoptOne().Leave();
    }

    [Test]
    public void A_journal_of_another_machine_is_left_alone()
    {
        var mine = JournalOwner.Create(Destination, _kit.Clock);
        _kit.Forge(mine with { Machine = "another", Boot = "another" });
        var files = _kit.Files;
        Assert.That(_kit.Adopt(), Is.Empty);
        Assert.That(_kit.Files, Is.EqualTo(files));
        _kit.Forge(mine);
        _kit.AdoptOne().Leave();
    }

    [Test]
    public void A_journal_of_an_earlier_container_on_this_machine_is_taken_over()
    {
        var mine = JournalOwner.Create(Destination, _kit.Clock);
        Assume.That(mine.Boot, Is.Not.Empty, "This system tells no boot id.");
        _kit.Forge(mine with { Machine = "a container's name" });
        _kit.AdoptOne().Leave();
    }

    [Test]
    public void A_journal_whose_process_was_killed_before_it_had_a_segment_is_removed()
    {
        var withoutSegment = JournalFiles.New(_kit.Place);
        File.WriteAllText(withoutSegment.Lock, "");
        var withoutHeader = JournalFiles.New(_kit.Place);
        File.WriteAllText(withoutHeader.Lock, "");
        File.WriteAllBytes(withoutHeader.Segment(1), new byte[SmallSegment / 2]);
        Assert.That(_kit.Adopt(), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(_kit.Folder), Is.Empty);
    }

    [Test]
    public async Task Trackers_that_start_at_once_do_not_take_each_others_new_journals_away()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 40; i++)
            {
                using var journal = _kit.Open();
                var run = _kit.OpenRun(journal);
                Log(journal, run, i);
                foreach (var dead in _kit.Adopt())
                {
                    ReadAll(dead.Log, settle: true);
                    dead.Delete();
                }

                journal.AppendStatus(run, RunStatus.Finished, 5);
                Assert.That(ReadAll(journal.Log, settle: true), Has.Count.EqualTo(2));
            }
        })));
        Assert.That(_kit.Files, Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_journal_can_be_closed_while_others_log_into_it()
    {
        for (var i = 0; i < 20; i++)
        {
            var journal = _kit.Open();
            var run = _kit.OpenRun(journal);
            var threads = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                for (var step = 0; ; step++)
                {
                    Log(journal, run, step);
                }
            })).ToList();
            while (journal.Log.SegmentCount < 5)
            {
                await Task.Yield();
            }

            journal.Dispose();
            foreach (var thread in threads)
            {
                Assert.That(() => thread, Throws.TypeOf<ObjectDisposedException>());
            }
        }

        _kit.Adopt().ToList().ForEach(dead => dead.Delete());
        Assert.That(_kit.Files, Is.Empty);
    }

    private List<string> WriteOfEverything(TheJournal journal)
    {
        var run = _kit.OpenRun(journal);
        Log(journal, run, 1);
        Log(journal, run, -2, "naïve ключ");
        journal.AppendMetric(run, "odd", new MetricPoint(double.NaN, long.MinValue, 0), 0, static (_, _) => { });
        journal.AppendMetric(run, "odd", new MetricPoint(double.NegativeInfinity, long.MaxValue, long.MaxValue), 0, static (_, _) => { });
        journal.AppendPair(run, RecordKind.Param, "empty", "");
        journal.AppendPair(run, RecordKind.Param, "long", new string('é', 6000));
        journal.AppendPair(run, RecordKind.Tag, "tag", "a\nb\0c \U0001F600");
        journal.AppendPair(run, RecordKind.TagDeletion, "tag", "");
        journal.AppendPair(run, RecordKind.Input, "näme", InputJson.Write(new DatasetInput(
            "näme", "d1", "local", "{}", "\"schema\"", null, new Dictionary<string, string> { ["mlflow.data.context"] = "train", ["a"] = "ü" })));
        journal.AppendPair(run, RecordKind.Input, "odd", """{"Name": "odd"}""");
        journal.AppendPair(run, RecordKind.Input, "odder", "no JSON");
        journal.AppendStatus(run, RunStatus.Failed, 7);
        return
        [
            Point(1),
            Point(-2, key: "naïve ключ"),
            $"run1 odd=NaN step {long.MinValue} at 0",
            $"run1 odd=-Infinity step {long.MaxValue} at {long.MaxValue}",
            "run1 param empty=",
            "run1 param long=" + new string('é', 6000),
            "run1 tag tag=a\nb\0c \U0001F600",
            "run1 tag tag=(deleted)",
            "run1 input näme d1 local {} \"schema\" () mlflow.data.context=train,a=ü",
            "run1 Failed at 7",
            "unreadable",
            "unreadable",
        ];
    }

    private JournalRun LogMany(TheJournal journal, int count)
    {
        var run = _kit.OpenRun(journal);
        for (var step = 1; step <= count; step++)
        {
            Log(journal, run, step);
        }

        return run;
    }

    private static int LogUntilItThrows<TException>(TheJournal journal, JournalRun run)
        where TException : Exception
    {
        for (var step = 1; ; step++)
        {
            try
            {
                Log(journal, run, step);
            }
            catch (TException)
            {
                return step - 1;
            }
        }
    }

    private static List<string> Points(int count) => [.. Enumerable.Range(1, count).Select(step => Point(step))];

    private static bool TryRun(string program, params string[] arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(program, arguments);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
