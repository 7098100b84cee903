using System.Text;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

[TestFixture]
internal sealed class RunFolderWriterTests
{
    private RunFolderFixture _run = null!;

    [SetUp]
    public void MakeRun() => _run = new RunFolderFixture();

    [TearDown]
    public void RemoveRun() => _run.Dispose();

    [Test]
    public void A_batch_is_stored_as_MLflow_stores_it()
    {
        var batch = RunFolderFixture.Batch();
        batch.Params.Add(new ParamRecord("lr", "0.001"));
        batch.Tags.Add(new TagRecord("team", "näme\nzwei"));
        Add(batch, 1, "loss", 0.5, 0);
        Add(batch, 2, "val/loss", 0.25, 0);
        Add(batch, 1, "loss", double.NaN, 1);
        batch.Status = new StatusRecord(RunStatus.Finished, DateTimeOffset.UnixEpoch);

        Assert.That(_run.Write(batch), Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(_run.Read("params/lr"), Is.EqualTo("0.001"));
            Assert.That(_run.Read("tags/team"), Is.EqualTo("näme\nzwei"));
            Assert.That(_run.Read("metrics/loss"), Is.EqualTo("1700000000000 0.5 0\n1700000000001 nan 1\n"));
            Assert.That(_run.Read("metrics/val/loss"), Is.EqualTo("1700000000000 0.25 0\n"));
            Assert.That(_run.Status, Is.EqualTo(batch.Status));
            Assert.That(_run.FilesBeside(), Is.Empty, "no temporary file stays");
        });
    }

    [Test]
    public void Lengths_are_noted_once_before_the_first_append()
    {
        _run.Put("metrics/a", "1699999999000 1.0 0\n");
        var batch = RunFolderFixture.Batch();
        Add(batch, 7, "a", 2, 1);
        Add(batch, 9, "b", 3, 1);
        var notes = new List<Dictionary<int, long>>();
        batch.NoteAppends = n =>
        {
            notes.Add(new Dictionary<int, long>(n));
            Assert.That(_run.Has("metrics/b"), Is.False);
            Assert.That(_run.Read("metrics/a"), Has.Length.EqualTo(20));
        };
        _run.Write(batch);
        Assert.That(notes, Has.Count.EqualTo(1));
        Assert.That(notes[0], Is.EquivalentTo(new Dictionary<int, long> { [7] = 20, [9] = 0 }));
    }

    [Test]
    public void A_repeated_batch_appends_only_the_keys_that_lack()
    {
        var batch = RunFolderFixture.Batch();
        for (var i = 0; i < 6; i++)
        {
            Add(batch, i, "k" + i, i, i);
        }

        IReadOnlyDictionary<int, long>? note = null;
        batch.NoteAppends = n => note = n;
        _run.Write(batch);
        _run.Put("metrics/k3", _run.Read("metrics/k3")[..9]);
        File.Delete(_run.Path + "/metrics/k4");
        File.Delete(_run.Path + "/metrics/k5");

        batch.PriorAppends = note;
        _run.Write(batch);
        for (var i = 0; i < 6; i++)
        {
            Assert.That(_run.Read("metrics/k" + i), Is.EqualTo($"170000000000{i} {i}.0 {i}\n"));
        }
    }

    [Test]
    public void A_last_line_without_an_end_is_closed_when_it_is_whole()
    {
        _run.Put("metrics/a", "1700000000000 1.0 0\n1700000000000 2.0 1");
        var batch = RunFolderFixture.Batch();
        Add(batch, 1, "a", 3, 2);
        _run.Write(batch);
        Assert.That(_run.Read("metrics/a"), Is.EqualTo("1700000000000 1.0 0\n1700000000000 2.0 1\n1700000000002 3.0 2\n"));
    }

    [TestCase("1700000000000 1.0 0\n17000")]
    [TestCase("1700000000000 1.0 0\n1700000000000 ")]
    [TestCase("1700000000000 1.0 0\n1700000000000 1.")]
    [TestCase("1700000000000 1.0 0\n1700000000000 0.5 -")]
    public void A_last_line_that_MLflow_cannot_read_is_taken_out(string torn)
    {
        _run.Put("metrics/a", torn);
        var batch = RunFolderFixture.Batch();
        Add(batch, 1, "a", 3, 2);
        _run.Write(batch);
        Assert.That(_run.Read("metrics/a"), Is.EqualTo("1700000000000 1.0 0\n1700000000002 3.0 2\n"));
    }

    [Test]
    public void Keys_that_need_a_folder_where_a_file_is_are_refused_and_the_rest_is_stored()
    {
        var batch = RunFolderFixture.Batch();
        Add(batch, 1, "a", 1, 0);
        Add(batch, 2, "a/b", 2, 0);
        Add(batch, 3, "c/d", 3, 0);
        Add(batch, 4, "c", 4, 0);
        Add(batch, 4, "c", 5, 1);
        Add(batch, 5, "../evil", 6, 0);
        Add(batch, 6, "fine", 6, 0);
        batch.Params.AddRange([new("p", "1"), new("p/q", "2"), new("r/s", "3"), new("r", "4")]);
        batch.Tags.AddRange([new("t", "1"), new("t/u", "2"), new("v/w", "3"), new("v", "4")]);

        var refusals = _run.Write(batch);
        var again = _run.Write(batch);
        Assert.Multiple(() =>
        {
            Assert.That(refusals.Select(r => (r.Part, r.Index)), Is.EquivalentTo(new[]
            {
                (BatchPart.Metric, 1), (BatchPart.Metric, 3), (BatchPart.Metric, 4), (BatchPart.Metric, 5),
                (BatchPart.Param, 1), (BatchPart.Param, 3), (BatchPart.Tag, 1), (BatchPart.Tag, 3),
            }));
            Assert.That(again, Is.EquivalentTo(refusals), "also when the files were there before the batch");
            Assert.That(refusals.Single(r => r.Part == BatchPart.Metric && r.Index == 1).Reason,
                Is.EqualTo("Metric 'a/b' cannot be stored: there is a key 'a', and a folder cannot hold keys below it."));
            Assert.That(refusals.Single(r => r.Part == BatchPart.Param && r.Index == 3).Reason,
                Is.EqualTo("Param 'r' cannot be stored: there are keys below 'r/', and a folder cannot hold both."));
            Assert.That(_run.Read("metrics/fine"), Does.StartWith("1700000000000 6.0 0\n"));
            Assert.That(_run.FilesBeside(), Is.Empty);
        });
    }

    [Test]
    public void A_key_that_is_too_long_for_a_file_name_is_refused()
    {
        var key = new string('k', 256);
        var batch = RunFolderFixture.Batch();
        Add(batch, 1, key, 1, 0);
        batch.Params.Add(new ParamRecord(key, "1"));
        batch.Tags.Add(new TagRecord(key, "1"));
        Assert.That(_run.Write(batch).Select(r => r.Reason), Has.Exactly(3).Contains("too long"));
    }

    [Test]
    public void A_param_keeps_its_value()
    {
        var batch = RunFolderFixture.Batch();
        batch.Params.AddRange([new("lr", "0.1"), new("lr", "0.1"), new("lr", "0.2"), new("empty", "")]);
        var refusals = _run.Write(batch);
        Assert.Multiple(() =>
        {
            Assert.That(refusals, Is.EqualTo(new[]
            {
                new RecordRefusal(BatchPart.Param, 2, "Param 'lr' already has the value '0.1'; it cannot become '0.2'"),
            }));
            Assert.That(_run.Read("params/lr"), Is.EqualTo("0.1"));
            Assert.That(_run.Read("params/empty"), Is.Empty);
        });
    }

    [Test]
    public void The_last_record_of_a_tag_counts_and_emptied_folders_go_with_a_deleted_one()
    {
        _run.Write(Tags(new("a/b/c", "1"), new("a/d", "1"), new("x/y/z", "1"), new("name", "1"), new("name", "2")));
        _run.Write(Tags(new("a/b/c", null), new("x/y/z", "2"), new("x/y/z", null), new("never", null), new("a", null)));
        Assert.Multiple(() =>
        {
            Assert.That(_run.Read("tags/name"), Is.EqualTo("2"));
            Assert.That(_run.Read("tags/a/d"), Is.EqualTo("1"));
            Assert.That(Directory.Exists(_run.Path + "/tags/a/b"), Is.False);
            Assert.That(Directory.Exists(_run.Path + "/tags/x"), Is.False);
            Assert.That(_run.Write(Tags(new TagRecord("x", "now a file"))), Is.Empty);
        });
    }

    [Test]
    public void The_tag_of_the_runs_name_renames_the_run()
    {
        _run.Write(Tags(new("mlflow.runName", "old"), new("mlflow.runName", "new")));
        Assert.That(_run.Name, Is.EqualTo("new"));
        Assert.That(_run.Read("tags/mlflow.runName"), Is.EqualTo("new"));
    }

    [Test]
    public void A_deleted_run_refuses_every_record_by_name()
    {
        _run.IsRunDeleted = true;
        var batch = Tags(new TagRecord("a", "1"));
        batch.Params.Add(new ParamRecord("p", "1"));
        Add(batch, 1, "m", 1, 0);
        Add(batch, 1, "m", 2, 1);
        batch.Status = new StatusRecord(RunStatus.Finished, null);
        var refusals = _run.Write(batch);
        Assert.That(refusals, Has.Count.EqualTo(5));
        Assert.That(refusals.Select(r => r.Reason), Has.All.Contains(batch.RunId).And.All.Contains("is deleted"));
        Assert.That(_run.Has("params/p") || _run.Has("metrics/m") || _run.Has("tags/a"), Is.False);
    }

    [Test]
    public void What_a_killed_writer_left_of_its_temporary_file_harms_no_stored_value()
    {
        _run.Write(Params(new ParamRecord("lr", "0.1")));
        _run.Put(".modeltrack-tmp-writer", "junk");
        _run.Write(Params(new ParamRecord("depth", "3")));
        Assert.That(_run.Read("params/depth"), Is.EqualTo("3"));
        Assert.That(_run.Read("params/lr"), Is.EqualTo("0.1"));
        Assert.That(_run.FilesBeside(), Is.Empty);
    }

    [Test]
    public void Ten_thousand_keys_hold_no_handles()
    {
        var batch = RunFolderFixture.Batch();
        for (var i = 0; i < 10_000; i++)
        {
            Add(batch, i, $"g{i % 10}/k{i}", i, i);
        }

        Assert.That(_run.Write(batch), Is.Empty);
        var open = OperatingSystem.IsLinux()
            ? Directory.GetFileSystemEntries("/proc/self/fd").Count(f => new FileInfo(f).LinkTarget?.StartsWith(_run.Path, StringComparison.Ordinal) == true)
            : 0;
        Assert.Multiple(() =>
        {
            Assert.That(Directory.GetFiles(_run.Path + "/metrics", "*", SearchOption.AllDirectories), Has.Length.EqualTo(10_000));
            Assert.That(_run.Read("metrics/g7/k1237"), Is.EqualTo("1700000001237 1237.0 1237\n"));
            Assert.That(open, Is.Zero);
        });
    }

    [Test]
    public void A_line_that_Python_appends_while_the_file_is_rewritten_is_carried_over()
    {
        _run.Put("metrics/a", "1700000000000 1.0 0\n");
        var path = _run.Path + "/metrics/a";
        using var old = AppendFile.TryOpen(path)!;
        using var python = AppendFile.TryOpen(path)!;
        var rewriter = new MetricFileRewriter(
            new TempFile(_run.Path), () => AppendFile.Append(python, "1700000000009 9.0 9\n"u8, path));
        rewriter.Replace(path, old, 20, closeLine: false, "1700000000001 2.0 1\n"u8, 20);
        Assert.That(_run.Read("metrics/a"), Is.EqualTo("1700000000000 1.0 0\n1700000000001 2.0 1\n1700000000009 9.0 9\n"));
    }

    [Test]
    public void Two_writers_and_a_foreign_one_lose_nothing_and_double_nothing()
    {
        const int Batches = 60, PointsPerBatch = 300, Keys = 3, ForeignLines = 500;
        _run.Put("metrics/k0", "1600000000000 1.0 0\n");
        Parallel.Invoke(() => Log(1), () => Log(2), LogAsMLflow);

        for (var key = 0; key < Keys; key++)
        {
            var lines = _run.Read("metrics/k" + key).TrimEnd('\n').Split('\n');
            var expected = (2 * Batches * PointsPerBatch / Keys) + (key == 0 ? ForeignLines + 1 : 0);
            Assert.That(lines, Has.Length.EqualTo(expected));
            Assert.That(lines, Is.Unique);
            Assert.That(lines.All(l => MetricLineShape.Fields(Encoding.UTF8.GetBytes(l), out _) == 3), Is.True);
        }

        void Log(int writer)
        {
            for (var b = 0; b < Batches; b++)
            {
                var batch = RunFolderFixture.Batch();
                for (var i = 0; i < PointsPerBatch; i++)
                {
                    var step = (b * PointsPerBatch) + i;
                    batch.Metrics.Add(new MetricRecord(i % Keys, "k" + (i % Keys), new MetricPoint(writer, step, 1700000000000 + step)));
                }

                IReadOnlyDictionary<int, long>? note = null;
                batch.NoteAppends = n => note = n;
                Assert.That(_run.Write(batch), Is.Empty);
                if (b % 5 == 0)
                {
                    // As if the answer had been lost: the other two have appended since.
                    batch.PriorAppends = note;
                    Assert.That(_run.Write(batch), Is.Empty);
                }
            }
        }

        void LogAsMLflow()
        {
            for (var i = 0; i < ForeignLines; i++)
            {
                _run.AppendAsMLflow("metrics/k0", $"{1700000000000 + i} 0.25 {i}\n");
            }
        }
    }

    private static void Add(RunBatch batch, int number, string key, double value, long step)
        => batch.Metrics.Add(new MetricRecord(number, key, new MetricPoint(value, step, 1700000000000 + step)));

    private static RunBatch Tags(params TagRecord[] tags)
    {
        var batch = RunFolderFixture.Batch();
        batch.Tags.AddRange(tags);
        return batch;
    }

    private static RunBatch Params(params ParamRecord[] records)
    {
        var batch = RunFolderFixture.Batch();
        batch.Params.AddRange(records);
        return batch;
    }
}
