using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Tests.Tracking.Search;

internal sealed class RunFilterTests
{
    private static readonly RunSnapshot Run = Runs.Create(
        id: "5c13da31c10b4958a0195469c2b57b52",
        start: 1767225600000,
        metrics:
        [
            ("auc", 0.5), ("a b", 1), ("train/loss", -2), ("deep.er", 3), ("5a", 5), ("nan", double.NaN), ("inf", double.PositiveInfinity),
        ],
        parameters: [("model", "CNN"), ("empty", ""), ("quoted", "it's"), ("doubled", "it''s"), ("windows", @"C:\dir\"), ("é", "ü")],
        tags: [("mlflow.runName", "s0"), ("with space", "2"), ("lines", "a\nb"), ("smile", "a😀b"), ("and", "x")]) with
    {
        Name = "s0",
        UserId = "me",
        ArtifactUri = "mlflow-artifacts:/2/x",
        Status = RunStatus.Finished,
        EndTime = DateTimeOffset.FromUnixTimeMilliseconds(1767225600005),
        DatasetInputs = [Runs.Dataset("Iris", "d1", "training"), Runs.Dataset("mnist", "d2", null)],
    };

    [TestCase("metrics.auc = 0.5")]
    [TestCase("metrics.auc=0.5")]
    [TestCase("metrics.auc != 1")]
    [TestCase("metrics.auc > 0.4")]
    [TestCase("metrics.auc >= .5")]
    [TestCase("metrics.auc < 1.")]
    [TestCase("metrics.auc <= 5e-1")]
    [TestCase("metrics.auc < 5E+1")]
    [TestCase("metric.auc > -2")]
    [TestCase("metrics.`train/loss` = -2")]
    [TestCase("metrics.`train/loss` > -2.5e0")]
    [TestCase("metrics.`a b` = 1")]
    [TestCase("metrics.\"a b\" = 1")]
    [TestCase("`metrics`.`a b` = 1")]
    [TestCase("metrics.deep.er = 3")]
    [TestCase("metrics.`deep.er` = 3")]
    [TestCase("metrics.5a = 5")]
    [TestCase("metrics.inf > 1e308")]
    [TestCase("metrics.inf = 1e999")]
    public void A_metric_is_compared_with_a_number(string filter) => AssertMatches(filter);

    [TestCase("metrics.auc = 0.6")]
    [TestCase("metrics.auc != 0.5")]
    [TestCase("metrics.auc > 0.5")]
    [TestCase("metrics.auc >= 0.6")]
    [TestCase("metrics.auc < 0.5")]
    [TestCase("metrics.auc <= 0.4")]
    [TestCase("metrics.AUC = 0.5")]
    public void A_metric_that_compares_otherwise_does_not_match(string filter) => AssertMatchesNot(filter);

    [Test]
    public void NaN_matches_only_unequal_as_in_Python()
    {
        AssertMatches("metrics.nan != 1");
        foreach (var sign in new[] { "=", "<", "<=", ">", ">=" })
        {
            AssertMatchesNot($"metrics.nan {sign} 1");
        }
    }

    [TestCase("params.model = 'CNN'")]
    [TestCase("param.model = \"CNN\"")]
    [TestCase("parameter.model != 'cnn'")]
    [TestCase("parameters.model LIKE 'C%'")]
    [TestCase("params.model ILIKE 'c%n'")]
    [TestCase("params.model like '_N_'")]
    [TestCase("params.model iLike 'cnn'")]
    [TestCase("params.model LIKE'CNN'")]
    [TestCase("params.model IS NOT NULL")]
    [TestCase("params.model is\n not\tnull")]
    [TestCase("params.none IS NULL")]
    [TestCase("params.empty = ''")]
    [TestCase("params.empty IS NOT NULL")]
    [TestCase("params.quoted = \"it's\"")]
    [TestCase("params.doubled = 'it''s'")]
    [TestCase(@"params.windows = 'C:\dir\'")]
    [TestCase("params.é = 'ü'")]
    [TestCase("tags.mlflow.runName = 's0'")]
    [TestCase("tag.`mlflow.runName` = 's0'")]
    [TestCase("tags.\"with space\" != '3'")]
    [TestCase("tags.`with space`LIKE'2'")]
    [TestCase("tags.lines = 'a\nb'")]
    [TestCase("tags.lines LIKE 'a%b'")]
    [TestCase("tags.smile LIKE 'a_b'")]
    [TestCase("tags.and = 'x'")]
    [TestCase("tags.none IS NULL")]
    [TestCase("tags.lines IS NOT NULL")]
    public void A_param_or_a_tag_is_compared_with_a_text(string filter) => AssertMatches(filter);

    [TestCase("params.model = 'cnn'")]
    [TestCase("params.model != 'CNN'")]
    [TestCase("params.model LIKE 'c%'")]
    [TestCase("params.model ILIKE 'nn'")]
    [TestCase("params.model IS NULL")]
    [TestCase("params.none IS NOT NULL")]
    [TestCase("params.doubled = \"it's\"")]
    [TestCase("tags.smile LIKE 'a__b'")]
    public void A_param_or_a_tag_that_compares_otherwise_does_not_match(string filter) => AssertMatchesNot(filter);

    [TestCase("metrics.none != 1")]
    [TestCase("metrics.none < 1")]
    [TestCase("params.none = ''")]
    [TestCase("params.none != 'a'")]
    [TestCase("params.none LIKE '%'")]
    [TestCase("tags.none != 'a'")]
    [TestCase("tags.none ILIKE '%'")]
    public void A_missing_key_matches_nothing(string filter) => AssertMatchesNot(filter);

    [Test]
    public void A_missing_end_time_and_missing_data_sets_match_nothing()
    {
        var bare = Runs.Create();
        foreach (var filter in new[] { "end_time != 1", "end_time > 0", "datasets.name != 'x'", "datasets.name NOT IN ('x')" })
        {
            Assert.That(RunSearch.Parse(filter, []).Matches(bare), Is.False, filter);
        }
    }

    [TestCase("attributes.run_id = '5c13da31c10b4958a0195469c2b57b52'")]
    [TestCase("attribute.run_id != 'x'")]
    [TestCase("attr.run_id LIKE '5c%'")]
    [TestCase("run.run_id ILIKE '5C%'")]
    [TestCase("run_id IN ('x', '5c13da31c10b4958a0195469c2b57b52')")]
    [TestCase("run_id in (\"5c13da31c10b4958a0195469c2b57b52\")")]
    [TestCase("run_id IN( '5c13da31c10b4958a0195469c2b57b52' ,)")]
    [TestCase("run_id NOT IN ('x')")]
    [TestCase("run_id not  in ('x','y')")]
    [TestCase("run_name = 's0'")]
    [TestCase("`run name` = 's0'")]
    [TestCase("\"Run Name\" = 's0'")]
    [TestCase("attributes.`Run name` LIKE 's_'")]
    [TestCase("status = 'FINISHED'")]
    [TestCase("status ILIKE 'finished'")]
    [TestCase("status != 'RUNNING'")]
    [TestCase("user_id = 'me'")]
    [TestCase("artifact_uri LIKE 'mlflow-artifacts:/%'")]
    [TestCase("start_time = 1767225600000")]
    [TestCase("created >= 1767225600000")]
    [TestCase("Created < 1767225600001")]
    [TestCase("attributes.end_time > 1767225600004")]
    [TestCase("end_time <= 1767225600005")]
    [TestCase("end_time != 0")]
    [TestCase("datasets.name = 'Iris'")]
    [TestCase("dataset.name = 'mnist'")]
    [TestCase("datasets.name != 'Iris'")]
    [TestCase("datasets.name LIKE 'I%'")]
    [TestCase("datasets.name ILIKE 'i%'")]
    [TestCase("datasets.name IN ('Iris')")]
    [TestCase("datasets.digest IN ('d1', 'd3')")]
    [TestCase("datasets.digest NOT IN ('d1')")]
    [TestCase("datasets.context = 'training'")]
    public void Attributes_and_data_sets_can_be_asked_for(string filter) => AssertMatches(filter);

    [TestCase("status = 'finished'")]
    [TestCase("run_id IN ('5C13DA31C10B4958A0195469C2B57B52')")]
    [TestCase("run_id NOT IN ('5c13da31c10b4958a0195469c2b57b52')")]
    [TestCase("start_time > 1767225600000")]
    [TestCase("datasets.name = 'iris'")]
    [TestCase("datasets.context != 'training'")]
    [TestCase("datasets.digest NOT IN ('d1', 'd2')")]
    public void Attributes_and_data_sets_that_compare_otherwise_do_not_match(string filter) => AssertMatchesNot(filter);

    [TestCase(RunStatus.Running, "RUNNING")]
    [TestCase(RunStatus.Scheduled, "SCHEDULED")]
    [TestCase(RunStatus.Finished, "FINISHED")]
    [TestCase(RunStatus.Failed, "FAILED")]
    [TestCase(RunStatus.Killed, "KILLED")]
    public void A_status_has_its_name_in_upper_case(RunStatus status, string name) =>
        Assert.That(RunSearch.Parse($"status = '{name}'", []).Matches(Runs.Create() with { Status = status }), Is.True);

    [TestCase("metrics.auc > 0 AND params.model = 'CNN'", true)]
    [TestCase("metrics.auc > 0 and params.model = 'cnn'", false)]
    [TestCase("metrics.auc > 1 And params.model = 'CNN'", false)]
    [TestCase(" tags.lines IS NOT NULL AND tags.`with space` = '2'AND status = 'FINISHED' ", true)]
    [TestCase("datasets.name = 'mnist' AND datasets.context = 'training'", true)]
    public void All_clauses_have_to_hold(string filter, bool expected) =>
        Assert.That(RunSearch.Parse(filter, []).Matches(Run), Is.EqualTo(expected));

    [TestCase(null)]
    [TestCase("")]
    public void No_filter_lets_everything_pass(string? filter) => AssertMatches(filter);

    [Test]
    public void A_long_filter_is_read_in_a_loop()
    {
        var filter = string.Join(" AND ", Enumerable.Repeat("metrics.auc > 0", 100_000));

        AssertMatches(filter);
    }

    private static void AssertMatches(string? filter) => Assert.That(RunSearch.Parse(filter, []).Matches(Run), Is.True, filter);

    private static void AssertMatchesNot(string filter) => Assert.That(RunSearch.Parse(filter, []).Matches(Run), Is.False, filter);
}
