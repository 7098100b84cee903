using System.Globalization;
using System.Text;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client.Tests.Backends.Files;

/// <summary>A batch of which an earlier try has left a prefix of every possible length, and what others appended since.</summary>
[TestFixture]
internal sealed class TornAppendTests
{
    private const string File = "metrics/loss";
    private const string Before = "1699999999000 0.9 0\n";
    private const string Foreign = "1700000001000 0.7 3\n";
    private const string Foreign2 = "1700000000500 12.5 4\n";

    private static readonly MetricPoint[] Points =
    [
        new(0.5, 12, 1700000000000),
        new(0.5170001, -17, 1700000000000),
        new(1.7, 170, 1700000000017),
        new(double.NaN, 1, 1700000000100),
        new(17.0, 17, 1700000000200),
    ];

    private static readonly string Lines = Format(Points);

    private RunFolderFixture _run = null!;

    public static IEnumerable<int> Tears() => Enumerable.Range(0, Lines.Length + 1);

    public static IEnumerable<int> TearsInLines() => Tears().Where(t => t > 0 && Lines[t - 1] != '\n');

    [SetUp]
    public void MakeRun() => _run = new RunFolderFixture();

    [TearDown]
    public void RemoveRun() => _run.Dispose();

    [TestCaseSource(nameof(Tears))]
    public void A_torn_end_is_completed_in_place(int torn)
    {
        _run.Put(File, Before + Lines[..torn]);
        Retry(Before.Length);
        Assert.That(_run.Read(File), Is.EqualTo(Before + Lines));
    }

    [TestCaseSource(nameof(Tears))]
    public void A_line_that_Python_glued_to_the_tear_is_kept(int torn)
    {
        _run.Put(File, Before + Lines[..torn] + Foreign + Foreign2);
        Retry(Before.Length);
        AssertLines(Before + Lines + Foreign + Foreign2);
    }

    [TestCaseSource(nameof(Tears))]
    public void A_line_with_a_dataset_glued_to_the_tear_is_kept(int torn)
    {
        const string WithDataset = "1700000001000 0.7 3 iris 1a2b3c4d\n";
        _run.Put(File, Before + Lines[..torn] + WithDataset);
        Retry(Before.Length);
        AssertLines(Before + Lines + WithDataset);
    }

    [TestCaseSource(nameof(Tears))]
    public void A_tear_that_another_ModelTrack_process_came_upon_is_repaired(int torn)
    {
        _run.Put(File, Before + Lines[..torn]);
        _run.Write(Batch(new MetricPoint(0.7, 3, 1700000001000)));
        AssertLegal();
        Retry(Before.Length);
        AssertLines(Before + Lines + Foreign);
    }

    [TestCaseSource(nameof(TearsInLines))]
    public void A_tear_that_was_closed_by_a_line_feed_is_repaired(int torn)
    {
        _run.Put(File, Before + Lines[..torn] + "\n" + Foreign);
        Retry(Before.Length);
        AssertLines(Before + Lines + Foreign);
    }

    [TestCaseSource(nameof(Tears))]
    public void Lines_that_Python_put_before_ours_are_kept(int torn)
    {
        _run.Put(File, Before + Foreign + Lines[..torn]);
        Retry(Before.Length);
        Assert.That(_run.Read(File), Is.EqualTo(Before + Foreign + Lines));
    }

    [TestCaseSource(nameof(Tears))]
    public void Lines_that_Python_put_before_and_behind_ours_are_kept(int torn)
    {
        _run.Put(File, Before + Foreign + Lines[..torn] + Foreign2 + Foreign);
        Retry(Before.Length);
        AssertLines(Before + Foreign + Lines + Foreign2 + Foreign);
    }

    [TestCaseSource(nameof(Tears))]
    public void A_second_retry_changes_nothing(int torn)
    {
        _run.Put(File, Before + Lines[..torn] + Foreign);
        var note = Retry(Before.Length);
        var once = _run.Read(File);
        Retry(note);
        Retry(Before.Length);
        Assert.That(_run.Read(File), Is.EqualTo(once));
    }

    [Test]
    public void Two_torn_batches_of_two_processes_are_both_repaired_in_either_order([Values] bool firstIsFirst)
    {
        MetricPoint[] others = [new(0.25, 5, 1700000000000), new(0.5, 6, 1700000000001)];
        var theirs = Format(others);
        for (var tornFirst = 0; tornFirst < Lines.Length; tornFirst += 9)
        {
            for (var tornSecond = 0; tornSecond < theirs.Length; tornSecond += tornFirst == 0 ? 1 : 8)
            {
                // Behind a torn line the second rewrites and cannot tear: more than can happen. The first died; the second noted its length, wrote and died too.
                _run.Put(File, Before + Lines[..tornFirst]);
                var second = Batch(others);
                long secondNote = -1;
                second.NoteAppends = n => secondNote = n[1];
                _run.Write(second);
                var whole = _run.Read(File);
                _run.Put(File, whole[..^(theirs.Length - tornSecond)]);

                second.PriorAppends = new Dictionary<int, long> { [1] = secondNote };
                if (firstIsFirst)
                {
                    Retry(Before.Length);
                    _run.Write(second);
                }
                else
                {
                    _run.Write(second);
                    Retry(Before.Length);
                }

                AssertLines(Before + Lines + theirs);
            }
        }
    }

    [Test]
    public void Random_lines_torn_anywhere_and_glued_to_anything_are_stored_once_each()
    {
        var random = new Random(11);
        for (var round = 0; round < 4; round++)
        {
            var points = Enumerable.Range(0, 3).Select(_ => RandomPoint(random)).ToArray();
            var lines = Format(points);
            var foreign = Format([RandomPoint(random), RandomPoint(random)]);
            for (var torn = 0; torn <= lines.Length; torn++)
            {
                _run.Put(File, lines[..torn] + foreign);
                var batch = Batch(points);
                batch.PriorAppends = new Dictionary<int, long> { [1] = 0 };
                _run.Write(batch);
                AssertLines(lines + foreign);
            }
        }
    }

    [Test]
    public void Nothing_of_ours_is_seen_in_lines_of_others_that_begin_alike()
    {
        _run.Put(File, Before + "1700000000000 0.5 13\n");
        Retry(Before.Length);
        AssertLines(Before + Lines + "1700000000000 0.5 13\n");
    }

    [Test]
    public void A_file_that_is_shorter_than_it_was_gets_what_it_lacks()
    {
        _run.Put(File, Lines[..20]);
        Retry(5000);
        Assert.That(_run.Read(File), Is.EqualTo(Lines));
    }

    [Test]
    public void A_file_that_is_gone_is_made_again()
    {
        Retry(5000);
        Assert.That(_run.Read(File), Is.EqualTo(Lines));
    }

    private static MetricPoint RandomPoint(Random random) => new(
        random.Next(3) switch { 0 => random.Next(20), 1 => Math.Round(random.NextDouble() * 20, 3), _ => random.NextDouble() },
        random.Next(-5, 2000),
        1700000000000 + random.Next(100_000));

    private static RunBatch Batch(params MetricPoint[] points)
    {
        var batch = RunFolderFixture.Batch();
        batch.Metrics.AddRange(points.Select(p => new MetricRecord(1, "loss", p)));
        return batch;
    }

    private static string Format(MetricPoint[] points)
    {
        using var buffer = new LineBuffer();
        foreach (var point in points)
        {
            buffer.Add(point);
        }

        return Encoding.UTF8.GetString(buffer.Written);
    }

    private long Retry(long noted)
    {
        var batch = Batch(Points);
        batch.PriorAppends = new Dictionary<int, long> { [1] = noted };
        long again = -1;
        batch.NoteAppends = n => again = n[1];
        Assert.That(_run.Write(batch), Is.Empty);
        return again;
    }

    private void AssertLines(string expected)
    {
        var stored = _run.Read(File);
        Assert.That(
            stored.Split('\n').Order(StringComparer.Ordinal), Is.EqualTo(expected.Split('\n').Order(StringComparer.Ordinal)), stored);
    }

    private void AssertLegal()
    {
        foreach (var line in _run.Read(File).TrimEnd('\n').Split('\n'))
        {
            Assert.That(
                MetricLineShape.Fields(Encoding.UTF8.GetBytes(line), out _),
                Is.GreaterThan(0),
                string.Create(CultureInfo.InvariantCulture, $"'{line}' stops MLflow"));
        }
    }
}
