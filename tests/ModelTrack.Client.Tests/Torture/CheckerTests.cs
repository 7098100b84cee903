using ModelTrack.Client.Torture.Checking;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Tests.Torture;

/// <summary>The torture finds what it is there to find: a checker that sees no fault would pass every client.</summary>
internal sealed class CheckerTests
{
    private const string Session = "w00-0000-0000";
    private const long Points = 300;

    private ScratchFolder _scratch = null!;
    private Dictionary<string, List<MetricPoint>> _points = null!;
    private Dictionary<string, string> _params = null!;
    private Dictionary<string, string> _tags = null!;
    private Dictionary<string, string> _files = null!;

    /// <summary>A session that logged and was killed, and a run that has it all.</summary>
    [SetUp]
    public void SetUp()
    {
        _scratch = new ScratchFolder();
        _points = [];
        for (var n = 1L; n <= Points; n++)
        {
            AddPoint(n);
        }

        _params = Enumerable.Range(1, 7).ToDictionary(n => Content.ParamKey(Session, 0, n), n => Content.ParamValue(n));
        _tags = new() { [Content.TagKey(Session, 0)] = "12" };
        _files = new() { [Content.TextPath(Session, 0, 1)] = Content.Text(Session, 0, 1) };
    }

    [TearDown]
    public void TearDown() => _scratch.Dispose();

    [Test]
    public void All_that_was_acknowledged_and_the_call_that_was_under_way_are_right()
    {
        AssertFound(lost: 0, doubled: 0);
        AddPoint(Points + 1);
        AssertFound(lost: 0, doubled: 0);
    }

    [Test]
    public void A_lost_point_is_found([Values(1, 150, Points)] long step)
    {
        Assert.That(PointsOf(step).RemoveAll(point => point.Step == step), Is.EqualTo(1));
        AssertFound(lost: 1, doubled: 0, $"step {step}");
    }

    [Test]
    public void A_doubled_point_is_found([Values(1, 150, Points)] long step)
    {
        PointsOf(step).Insert(PointsOf(step).FindIndex(point => point.Step == step), Content.Point(step));
        AssertFound(lost: 0, doubled: 1, $"step {step}");
    }

    [Test]
    public void A_point_that_nobody_logged_is_found()
    {
        AddPoint(Points + 2);
        AssertFound(lost: 0, doubled: 1, $"step {Points + 2}");
    }

    [Test]
    public void Two_calls_that_a_thread_cannot_have_had_under_way_at_once_are_found()
    {
        AddPoint(Points + 1);
        _params[Content.ParamKey(Session, 0, 8)] = Content.ParamValue(8);
        AssertFound(lost: 0, doubled: 1, "2 things of thread 0");
    }

    [Test]
    public void A_lost_param_a_lost_tag_and_a_lost_file_are_found()
    {
        _params.Remove(Content.ParamKey(Session, 0, 3));
        _tags.Clear();
        _files.Clear();
        AssertFound(lost: 3, doubled: 0, "Param 3", "tag of thread 0", "Text 1");
    }

    [Test]
    public void A_lost_run_is_found_with_all_that_was_in_it()
        => Assert.That(Check([]).LostCount, Is.EqualTo(1 + Points + 7 + 1 + 1));

    [Test]
    public void A_run_that_is_there_twice_is_found()
        => Assert.That(Check([Run(), Run()]).DoubledCount, Is.EqualTo(1));

    [Test]
    public void A_run_that_nobody_started_is_found()
        => Assert.That(Check([Run(), Run() with { Name = "stranger" }]).DoubledCount, Is.EqualTo(1));

    [Test]
    public void Another_value_another_order_and_another_end_are_found()
    {
        var points = PointsOf(150);
        (points[1], points[2]) = (points[2], points[1]);
        points[10] = points[10] with { Value = 0.1 };
        _tags[Content.TagKey(Session, 0)] = "11";
        var verdict = Check([Run() with { Status = RunStatus.Finished }]);
        Assert.That((verdict.WrongCount, verdict.LostCount, verdict.DoubledCount), Is.EqualTo((4L, 0L, 0L)), string.Join('\n', verdict.Examples));
        Assert.That(verdict.IsGood, Is.False);
    }

    private static Ledger NewLedger(string folder)
    {
        var ledger = Ledger.Create(folder, Session, threads: 1, Session, "", resumes: false);
        ledger.State = SessionState.Started;
        ledger.SetCount(0, Kind.Point, Points);
        ledger.SetCount(0, Kind.Param, 7);
        ledger.SetCount(0, Kind.Tag, 12);
        ledger.SetCount(0, Kind.Text, 1);
        return ledger;
    }

    private void AssertFound(long lost, long doubled, params string[] examples)
    {
        var verdict = Check([Run()]);
        Assert.That((verdict.LostCount, verdict.DoubledCount, verdict.WrongCount), Is.EqualTo((lost, doubled, 0L)), string.Join('\n', verdict.Examples));
        Assert.That(verdict.IsGood, Is.EqualTo(lost + doubled == 0));
        Assert.That((verdict.Accepted, verdict.Delivered), Is.EqualTo((310L, 310 - lost)));
        Assert.That(verdict.Examples, Has.Count.EqualTo(examples.Length));
        foreach (var example in examples)
        {
            Assert.That(verdict.Examples, Has.Some.Contains(example));
        }
    }

    private Verdict Check(IEnumerable<StoredRun> stored)
    {
        var folder = Directory.CreateDirectory(_scratch[Guid.NewGuid().ToString("N")]).FullName;
        using var ledger = NewLedger(folder);
        return Checker.Check([ledger], stored, new StoreHabits(IsDatabase: false, KeepsOrder: true));
    }

    private StoredRun Run() => new(
        "id",
        Session,
        RunStatus.Failed,
        null,
        _points.ToDictionary(metric => metric.Key, metric => (IReadOnlyList<MetricPoint>)metric.Value),
        _params,
        _tags,
        _files);

    private List<MetricPoint> PointsOf(long n) => _points[Content.MetricKey(Session, 0, (int)(n % Content.Metrics))];

    private void AddPoint(long n)
    {
        var key = Content.MetricKey(Session, 0, (int)(n % Content.Metrics));
        if (!_points.TryGetValue(key, out var points))
        {
            _points[key] = points = [];
        }

        points.Add(Content.Point(n));
    }
}
