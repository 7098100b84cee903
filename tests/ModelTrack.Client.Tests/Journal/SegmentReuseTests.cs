using ModelTrack.Client.Journal;
using static ModelTrack.Client.Tests.Journal.JournalKit;

namespace ModelTrack.Client.Tests.Journal;

/// <summary>The file of a settled segment becomes a new one, and nothing of the old one is ever taken for a record.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform(Exclude = "Win")]
internal sealed class SegmentReuseTests : IDisposable
{
    private readonly JournalKit _kit = new();
    private readonly ScratchFolder _scratch = new();

    public void Dispose()
    {
        _kit.Dispose();
        _scratch.Dispose();
    }

    [Test]
    public void In_round_after_round_only_what_was_logged_since_is_read()
    {
        using var journal = _kit.Open();
        var run = _kit.OpenRun(journal);
        ReadAll(journal.Log, settle: true);
        var step = 0;
        for (var round = 0; round < 30; round++)
        {
            // The same records at the same places each time: what is stale would look like what is new.
            var expected = new List<string>();
            for (var i = 0; i < 4000; i++)
            {
                Log(journal, run, ++step);
                expected.Add(Point(step));
            }

            Assert.That(ReadAll(journal.Log, settle: true), Is.EqualTo(expected), $"round {round}");
        }

        Assert.That(_kit.Segments, Has.Length.LessThanOrEqualTo(6), "the one that is written, the next, and four to be used again");
    }

    [Test]
    public void What_a_killed_process_leaves_has_nothing_of_what_was_settled()
    {
        using var journal = _kit.Open();
        var first = _kit.OpenRun(journal);
        for (var step = 1; step <= 8000; step++)
        {
            Log(journal, first, step);
        }

        journal.AppendStatus(first, RunStatus.Finished, 1);
        ReadAll(journal.Log, settle: true);
        var second = _kit.OpenRun(journal);
        Log(journal, second, 9000);

        // As the disk is at this moment, with emptied segments in it.
        using var killed = new JournalKit();
        Copy(_kit.Folder, killed.Folder);
        var dead = killed.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(new[] { Point(9000, "run2") }));
        Assert.That(dead.Log.Runs.Select(run => run.Definition.RunId), Does.Contain("run2"));
        Assert.That(dead.Orphans, Is.Zero);
        dead.Leave();
    }

    [Test]
    public void An_emptied_segment_has_no_valid_record_under_its_old_name_nor_under_its_new_one()
    {
        var (path, next) = (_scratch["1"], _scratch["2"]);
        var segment = Filled(path);
        Assert.That(Map(path), Has.Count.EqualTo(1));
        segment.Release();

        Assert.That(segment.TryEmpty());
        Assert.That(Map(path), Is.Empty);

        var reused = segment.Reuse(next, 2);
        Assert.That(File.Exists(path), Is.False);
        Assert.That(Map(next), Is.Empty);
        Assert.That(() => segment.Hold(), Throws.TypeOf<ObjectDisposedException>());
        reused.Delete();
        Assert.That(File.Exists(next), Is.False);
    }

    [Test]
    public void A_segment_that_somebody_reads_is_not_emptied()
    {
        var segment = Filled(_scratch["1"]);
        Assert.That(segment.TryEmpty(), Is.False);
        Assert.That(Map(_scratch["1"]), Has.Count.EqualTo(1));
        segment.Delete();
    }

    [Test]
    public void One_whose_new_name_is_impossible_is_gone_and_says_so()
    {
        var segment = Filled(_scratch["1"]);
        segment.Release();
        Assert.That(segment.TryEmpty());
        Assert.That(() => segment.Reuse(Path.Combine(_scratch["nowhere"], "2"), 2), Throws.InstanceOf<IOException>());
        Assert.That(File.Exists(_scratch["1"]), Is.False);
    }

    [Test]
    public void A_journal_that_is_closed_with_something_left_leaves_no_emptied_segment()
    {
        using var journal = _kit.Open();
        var run = _kit.OpenRun(journal);
        for (var step = 1; step <= 8000; step++)
        {
            Log(journal, run, step);
        }

        ReadAll(journal.Log, settle: true);
        Log(journal, run, 8001);
        journal.Dispose();

        Assert.That(_kit.Segments, Has.Length.EqualTo(1));
        var dead = _kit.AdoptOne();
        Assert.That(ReadAll(dead.Log), Is.EqualTo(new[] { Point(8001) }));
        dead.Leave();
    }

    private static unsafe Segment Filled(string path)
    {
        var segment = Segment.Create(path, 1, SmallSegment, SegmentMode.Mapped);
        var record = segment.Memory + segment.Tail;
        *(uint*)(record + 8) = (uint)Client.Journal.RecordKind.Signal;
        *(uint*)(record + 4) = RecordLayout.Checksum(record, RecordLayout.HeaderSize, segment.Tail, segment.Salt, Client.Journal.RecordKind.Signal);
        segment.Publish(segment.Tail, RecordLayout.HeaderSize);
        return segment;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Path.GetFileName(file) == "lock")
            {
                // It is held, and empty.
                File.Create(target).Dispose();
                continue;
            }

            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = File.Create(target);
            source.CopyTo(copy);
        }
    }
}
