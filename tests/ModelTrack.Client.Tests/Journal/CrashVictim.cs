using System.Globalization;
using System.Text;
using ModelTrack.Client.Tests.Lifetime;

namespace ModelTrack.Client.Tests.Journal;

/// <summary>A child that four threads log in until it is killed, what it has been promised, and whether the folder keeps the promise.</summary>
internal sealed class CrashVictim : IDisposable
{
    private const int Threads = 4;

    private readonly ScratchFolder _scratch = new();
    private readonly int _segmentSize;
    private readonly bool _hasJournalFolder;

    /// <param name="segmentSize">Small ones change often.</param>
    /// <param name="hasJournalFolder">Whether journals lie in a folder of their own and not in the store.</param>
    public CrashVictim(int segmentSize, bool hasJournalFolder = false)
    {
        _segmentSize = segmentSize;
        _hasJournalFolder = hasJournalFolder;
        Directory.CreateDirectory(Counters);
        Child = ChildProcess.Start("log", Folder, Counters, $"{segmentSize}", Journals ?? "-");
    }

    public ChildProcess Child { get; }

    public string RunId { get; private set; } = "";

    public string Folder => _scratch["mlruns"];

    public string RunFolder => Path.Combine(Folder, "0", RunId);

    /// <summary>Metric points that calls have returned for.</summary>
    public long PointsPromised => Enumerable.Range(0, Threads).Sum(thread => Promised(thread)[0]);

    private string Counters => _scratch["counters"];

    private string? Journals => _hasJournalFolder ? _scratch["journals"] : null;

    public void WaitForRun() => RunId = Child.WaitFor("run");

    /// <summary>Another process that takes over what is left.</summary>
    public ChildProcess StartAdopter() => ChildProcess.Start("adopt", Folder, $"{_segmentSize}", Journals ?? "-");

    /// <summary>Adopts what is left here, and looks at everything.</summary>
    public async Task VerifyAsync()
    {
        using (var tracker = new Tracker(new TrackerOptions { TrackingUri = Folder, CaptureContext = false, JournalDirectory = Journals }))
        {
            var report = await tracker.FlushAsync();
            Assert.That((report.Pending, report.Rejected), Is.EqualTo((0, 0)));

            // The store can still be written to, whatever the victim was about to do in it.
            var next = tracker.StartRun("next");
            await next.EndAsync();
            await foreach (var run in tracker.Runs.SearchAsync("Default", $"attributes.run_id != '{next.Id}'"))
            {
                Assert.That(run.Status, Is.EqualTo(RunStatus.Failed));
                RunId = run.Id;
                VerifyInputs(run.DatasetInputs);
            }
        }

        Assert.That(Directory.GetFiles(Folder, ".modeltrack-*"), Is.Empty);
        Assert.That(Journals is null ? [] : Directory.GetFiles(Journals, "*", SearchOption.AllDirectories), Is.Empty);
        for (var thread = 0; thread < Threads; thread++)
        {
            Verify(thread, Promised(thread));
        }
    }

    public void Dispose()
    {
        Child.Dispose();
        _scratch.Dispose();
    }

    private long[] Promised(int thread)
    {
        var counts = new long[5];
        var path = Path.Combine(Counters, $"{thread}");
        if (File.Exists(path))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (file.Length > 0)
            {
                file.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(counts.AsSpan()));
            }
        }

        return counts;
    }

    private void Verify(int thread, long[] promised)
    {
        // Each index exactly once and in order, with at most the one whose call had not returned.
        var points = ReadPoints(Path.Combine(RunFolder, "metrics", $"thread-{thread}", "index"));
        Assert.That(points, Is.EqualTo(promised[0]).Or.EqualTo(promised[0] + 1), $"points of thread {thread}");
        VerifyFiles("params", n => $"param-{thread}.{n}", n => $"{n}", promised[1]);
        VerifyFiles("tags", n => $"tag-{thread}.{n}", n => $"{n}", promised[2]);
        VerifyFiles("artifacts", n => $"texts/{thread}/{n}.txt", n => $"text {n} of {thread}", promised[3]);
    }

    private void VerifyInputs(IReadOnlyList<DatasetInput> inputs)
    {
        for (var thread = 0; thread < Threads; thread++)
        {
            var promised = Promised(thread)[4];
            var its = inputs.Where(input => input.Name == $"data-{thread}")
                .ToDictionary(input => long.Parse(input.Digest, CultureInfo.InvariantCulture), input => input.Context);
            Assert.That(its, Has.Count.EqualTo(promised).Or.Count.EqualTo(promised + 1), $"inputs of thread {thread}");
            Assert.That(its, Is.EquivalentTo(Enumerable.Range(1, its.Count).ToDictionary(n => (long)n, n => (string?)$"context {n}")));
        }
    }

    private void VerifyFiles(string kind, Func<long, string> name, Func<long, string> content, long promised)
    {
        for (long n = 1; n <= promised + 1; n++)
        {
            var path = Path.Combine(RunFolder, kind, name(n));
            if (n <= promised || File.Exists(path))
            {
                Assert.That(File.ReadAllText(path), Is.EqualTo(content(n)), path);
            }
        }

        Assert.That(File.Exists(Path.Combine(RunFolder, kind, name(promised + 2))), Is.False);
    }

    /// <summary>Reads a metric file by the strict rule, which is a whole line a point, and that they count from 1.</summary>
    private static long ReadPoints(string path)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        var text = Encoding.UTF8.GetString(File.ReadAllBytes(path)).AsSpan();
        Assert.That(text.EndsWith("\n"), $"{path} ends in a torn line");
        long count = 0;
        Span<Range> fields = stackalloc Range[4];
        foreach (var line in text[..^1].EnumerateLines())
        {
            count++;
            var isWhole = line.Split(fields, ' ') == 3
                && line[fields[0]].Length == 13
                && long.Parse(line[fields[2]], CultureInfo.InvariantCulture) == count
                && double.Parse(line[fields[1]], CultureInfo.InvariantCulture) == count / 4.0;
            if (!isWhole)
            {
                throw new AssertionException($"Line {count} of {path} is '{line}'.");
            }
        }

        return count;
    }
}
