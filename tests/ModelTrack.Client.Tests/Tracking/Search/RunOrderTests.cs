using System.Diagnostics;
using System.Globalization;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Tests.Tracking.Search;

internal sealed class RunOrderTests
{
    private static readonly RunSnapshot[] Three =
    [
        Runs.Create("9", 0, [("key1", 121)], [("my_param", "A")]) with
        {
            Status = RunStatus.Failed, Name = "z", UserId = "u1", ArtifactUri = "b",
        },
        Runs.Create("8", 1, [("key1", 123)], [("my_param", "A")], [("tag1", "C")]) with
        {
            Status = RunStatus.Finished, Name = "y", UserId = "u3", ArtifactUri = "c", EndTime = DateTimeOffset.FromUnixTimeMilliseconds(9),
        },
        Runs.Create("7", 1, [("key1", 125)], [("my_param", "B")], [("tag1", "D")]) with
        {
            Status = RunStatus.Failed, Name = "x", UserId = "u2", ArtifactUri = "a", EndTime = DateTimeOffset.FromUnixTimeMilliseconds(8),
        },
    ];

    [TestCase("7 8 9")]
    [TestCase("7 8 9", "tags.noSuchTag")]
    [TestCase("7 9 8", "attributes.status")]
    [TestCase("9 7 8", "attributes.start_time")]
    [TestCase("9 7 8", "created")]
    [TestCase("7 8 9", "Created desc")]
    [TestCase("7 8 9", "end_time")]
    [TestCase("8 7 9", "end_time DESC")]
    [TestCase("7 8 9", "run_id")]
    [TestCase("9 8 7", "run.run_id DESC")]
    [TestCase("7 8 9", "run_name")]
    [TestCase("9 7 8", "attr.user_id")]
    [TestCase("7 9 8", "attribute.artifact_uri")]
    [TestCase("9 8 7", "metrics.key1 asc")]
    [TestCase("7 8 9", "metrics.\"key1\"  desc")]
    [TestCase("8 9 7", "params.my_param")]
    [TestCase("9 8 7", "params.my_param aSc", "attributes.status  ASC")]
    [TestCase("8 9 7", "params.my_param", "attributes.status DESC")]
    [TestCase("7 8 9", "params.`my_param` DESC", "attributes.status DESC")]
    [TestCase("8 7 9", " tags.tag1 ")]
    [TestCase("7 8 9", "tags.tag1\tDESC")]
    public void Runs_come_in_the_order_asked_for_then_latest_start_then_id(string expected, params string[] orderBy) =>
        Assert.That(Sorted(Three, orderBy), Is.EqualTo(expected));

    [TestCase("metrics.x", "-inf -1000 0 1000 inf nan none")]
    [TestCase("metrics.x DESC", "inf 1000 0 -1000 -inf nan none")]
    public void NaN_comes_after_all_numbers_and_missing_last_in_both_directions(string orderBy, string expected)
    {
        var runs = new[] { "nan", "inf", "-inf", "-1000", "none", "0", "1000" }.Select(id => Runs.Create(id, metrics: id switch
        {
            "none" => [],
            "nan" => [("x", double.NaN)],
            "inf" => [("x", double.PositiveInfinity)],
            "-inf" => [("x", double.NegativeInfinity)],
            _ => [("x", double.Parse(id, CultureInfo.InvariantCulture))],
        }));

        Assert.That(Sorted(runs, orderBy), Is.EqualTo(expected));
    }

    [Test]
    public void Texts_are_ordered_by_code_point_as_in_Python()
    {
        string[] inOrder = ["", "A", "B", "a", "ab", "é", "\uFF21", "😀", "😀a", "😁"];

        var runs = inOrder.Reverse()
            .Select((name, i) => Runs.Create(i.ToString(CultureInfo.InvariantCulture), tags: [("t", name)]))
            .ToList();
        RunSearch.Parse(null, ["tags.t"]).Sort(runs);

        Assert.That(runs.Select(r => r.Tags["t"]), Is.EqualTo(inOrder));
    }

    [TestCase("", "ends too early")]
    [TestCase("  ", "ends too early")]
    [TestCase("acc", "may use: run_id, run_name, user_id, status, start_time, end_time, artifact_uri")]
    [TestCase("experiment_id", "may use: run_id")]
    [TestCase("`run name`", "may use: run_id")]
    [TestCase("bogus.x ASC", "attributes, metrics, params, tags.")]
    [TestCase("datasets.name", "attributes, metrics, params, tags.")]
    [TestCase("metrics.a b", "ASC or DESC only")]
    [TestCase("metrics.a DESC ASC", "ASC or DESC only")]
    [TestCase("metrics.a NULLS LAST", "ASC or DESC only")]
    [TestCase("run_id decs", "ASC or DESC only")]
    [TestCase("metrics.a `DESC`", "ASC or DESC only")]
    [TestCase("metrics.a != 1", "ASC or DESC only")]
    [TestCase("metrics.a-b", "must be quoted")]
    [TestCase("metrics.a,metrics.b", "must be quoted")]
    [TestCase("`metrics.a", "not closed")]
    public void An_element_that_breaks_the_grammar_is_refused(string element, string message) => AssertRefused(message, element);

    [TestCase("metrics.a", "metric.`a` DESC")]
    [TestCase("start_time", "run.created")]
    [TestCase("params.a", "metrics.b", "parameters.a")]
    public void The_same_field_twice_is_refused(params string[] orderBy) => AssertRefused("only once", orderBy);

    [Test]
    public void The_same_key_of_different_entities_is_no_repetition() =>
        Assert.That(Sorted(Three, "metrics.a", "params.a", "tags.a"), Is.EqualTo("7 8 9"));

    [Test]
    public void Ten_thousand_runs_are_sorted_quickly()
    {
        var random = new Random(1);
        var runs = Enumerable.Range(0, 10_000)
            .Select(i => Runs.Create(
                i.ToString("x8", CultureInfo.InvariantCulture), random.Next(100), [("m", random.Next(50))], [("p", "v" + random.Next(50))]))
            .ToList();

        var watch = Stopwatch.StartNew();
        RunSearch.Parse(null, ["params.p", "metrics.m DESC", "tags.none"]).Sort(runs);

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2)));
        Assert.That(runs.Zip(runs.Skip(1)).All(pair => InOrder(pair.First, pair.Second)), Is.True);
    }

    private static bool InOrder(RunSnapshot left, RunSnapshot right) =>
        (string.CompareOrdinal(left.Params["p"], right.Params["p"]), right.Metrics["m"].Value.CompareTo(left.Metrics["m"].Value),
            right.StartTime.CompareTo(left.StartTime), string.CompareOrdinal(left.Id, right.Id)) switch
        {
            (not 0 and var byParam, _, _, _) => byParam < 0,
            (_, not 0 and var byMetric, _, _) => byMetric < 0,
            (_, _, not 0 and var byStart, _) => byStart < 0,
            var (_, _, _, byId) => byId < 0,
        };

    private static string Sorted(IEnumerable<RunSnapshot> runs, params string[] orderBy)
    {
        var list = runs.ToList();
        RunSearch.Parse(null, orderBy).Sort(list);
        return string.Join(' ', list.Select(r => r.Id));
    }

    private static void AssertRefused(string message, params string[] orderBy)
    {
        var error = Assert.Throws<ArgumentException>(() => RunSearch.Parse(null, orderBy))!;
        Assert.That(error.ParamName, Is.EqualTo("orderBy"));
        Assert.That(error.Message, Does.Contain(message));
    }
}
