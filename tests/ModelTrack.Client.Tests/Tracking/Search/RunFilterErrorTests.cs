using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Tests.Tracking.Search;

internal sealed class RunFilterErrorTests
{
    [TestCase(" ", "ends too early, at character 2")]
    [TestCase("metrics.m0 >", "Expected a value")]
    [TestCase("metrics.m0", "Expected an operator")]
    [TestCase("= 1", "Expected a field")]
    [TestCase("1 = metrics.a", "Expected a field")]
    [TestCase("metrics.a > 1 AND", "Expected a field")]
    [TestCase("AND metrics.a > 1", "AND stands between two clauses")]
    [TestCase("NOT metrics.a = 1", "no OR and no NOT")]
    [TestCase("metrics.a > 1 AND AND metrics.b > 1", "AND stands between two clauses")]
    [TestCase("metrics.a > 1 metrics.b > 1", "joined by AND")]
    [TestCase("metrics.a > 1 or metrics.a < 0", "joined by AND")]
    [TestCase("metrics.a > 1;", "joined by AND")]
    [TestCase("metrics.a > 1 -- comment", "joined by AND")]
    [TestCase("(metrics.a > 1)", "Expected a field")]
    [TestCase("metrics.a BETWEEN 1 AND 2", "Expected an operator")]
    [TestCase("params.a NOT LIKE 'x'", "Expected an operator")]
    [TestCase("params.a RLIKE 'x'", "Expected an operator")]
    [TestCase("params.a IS 'x'", "Expected an operator")]
    [TestCase("metrics.a == 1", "Expected an operator")]
    [TestCase("metrics.a <> 1", "Expected an operator")]
    [TestCase("metrics.a ~ 1", "Expected an operator")]
    [TestCase("metrics.a ! = 1", "Expected an operator")]
    [TestCase("metrics.a-b > 1", "must be quoted as a whole")]
    [TestCase("metrics.train/loss > 1", "must be quoted as a whole")]
    [TestCase("metrics.`a`b > 1", "Expected an operator")]
    [TestCase("metrics.`a`.b > 1", "Expected an operator")]
    [TestCase("metrics.a`b` > 1", "must be quoted as a whole")]
    [TestCase("metrics.'a' > 1", "followed by the key")]
    [TestCase("metrics. > 1", "followed by the key")]
    [TestCase("metrics.`` > 1", "followed by the key")]
    [TestCase("metrics. a > 1", "followed by the key")]
    [TestCase("metrics .a > 1", "Expected an operator")]
    [TestCase("metrics.`a > 1", "quote ` is not closed")]
    [TestCase("params.a = 'x", "quote ' is not closed")]
    [TestCase("params.a = \"x'", "quote \" is not closed")]
    [TestCase("params.a = x", "Expected a value")]
    [TestCase("params.a = `x`", "Expected a value")]
    [TestCase("params.a = 'x' 'y'", "joined by AND")]
    [TestCase("metrics.a > nan", "Expected a value")]
    [TestCase("metrics.a > - 2", "A number is written")]
    [TestCase("metrics.a > +2", "Expected a value")]
    [TestCase("metrics.a > 0x10", "A number is written")]
    [TestCase("metrics.a > 1_000", "A number is written")]
    [TestCase("metrics.a > 1and metrics.b > 1", "A number is written")]
    [TestCase("metrics.a > 1e", "A number is written")]
    [TestCase("metrics.a > 1.2.3", "A number is written")]
    [TestCase("metrics.a > .", "A number is written")]
    [TestCase("run_id IN ()", "need a list")]
    [TestCase("run_id IN 'a'", "need a list")]
    [TestCase("run_id IN (1)", "need a list")]
    [TestCase("run_id IN ('a' 'b')", "need a list")]
    [TestCase("run_id IN ('a'", "need a list")]
    [TestCase("run_id IN (", "need a list")]
    [TestCase("run_id IN (,)", "need a list")]
    [TestCase("run_id = ('a')", "only after IN and NOT IN")]
    public void A_filter_that_breaks_the_grammar_is_refused_with_the_rule(string filter, string rule) =>
        AssertRefused(filter, rule);

    [TestCase("foo.m0 > 1", "attributes, metrics, params, tags, datasets")]
    [TestCase("Metrics.a > 1", "attributes, metrics, params, tags, datasets")]
    [TestCase("bogus = 'x'", "run_id, run_name, user_id, status, start_time, end_time, artifact_uri")]
    [TestCase("attributes.experiment_id = '1'", "may use: run_id")]
    [TestCase("lifecycle_stage = 'active'", "may use: run_id")]
    [TestCase("name = 'x'", "may use: run_id")]
    [TestCase("RUN_NAME = 'x'", "may use: run_id")]
    [TestCase("`metrics.a` > 1", "may use: run_id")]
    [TestCase("datasets.profile = 'x'", "name, digest, context")]
    public void An_unknown_field_is_refused_with_the_list_of_known_ones(string filter, string known) => AssertRefused(filter, known);

    [TestCase("metrics.a LIKE 'x'", "only =, !=, >, >=, <, <=")]
    [TestCase("metrics.a IS NULL", "only =, !=, >, >=, <, <=")]
    [TestCase("metrics.a IN ('x')", "only =, !=, >, >=, <, <=")]
    [TestCase("start_time LIKE 'x'", "only =, !=, >, >=, <, <=")]
    [TestCase("params.a > 'x'", "only =, !=, LIKE, ILIKE, IS NULL, IS NOT NULL")]
    [TestCase("params.a IN ('x')", "only =, !=, LIKE, ILIKE, IS NULL, IS NOT NULL")]
    [TestCase("tags.a <= 'x'", "only =, !=, LIKE, ILIKE, IS NULL, IS NOT NULL")]
    [TestCase("status IN ('FINISHED')", "only =, !=, LIKE, ILIKE")]
    [TestCase("status IS NULL", "only =, !=, LIKE, ILIKE")]
    [TestCase("run_name > 'x'", "only =, !=, LIKE, ILIKE")]
    [TestCase("user_id NOT IN ('x')", "only =, !=, LIKE, ILIKE")]
    [TestCase("artifact_uri < 'x'", "only =, !=, LIKE, ILIKE")]
    [TestCase("run_id > 'x'", "only =, !=, LIKE, ILIKE, IN, NOT IN")]
    [TestCase("datasets.name > 'x'", "only =, !=, LIKE, ILIKE, IN, NOT IN")]
    [TestCase("datasets.name IS NULL", "only =, !=, LIKE, ILIKE, IN, NOT IN")]
    public void An_operator_that_a_field_does_not_take_is_refused_with_those_it_takes(string filter, string operators) =>
        AssertRefused(filter, operators);

    [TestCase("metrics.a > 'abc'", "'a' is a number")]
    [TestCase("metrics.a = '5'", "'a' is a number")]
    [TestCase("start_time > '1'", "'start_time' is a number")]
    [TestCase("created > \"1\"", "'start_time' is a number")]
    [TestCase("params.model = 1", "'model' is a text")]
    [TestCase("tags.a != 1", "'a' is a text")]
    [TestCase("tags.a LIKE 1", "'a' is a text")]
    [TestCase("status = 1", "'status' is a text")]
    [TestCase("datasets.name = 1", "'name' is a text")]
    public void A_value_of_the_wrong_kind_is_refused(string filter, string rule) => AssertRefused(filter, rule);

    [Test]
    public void The_message_has_the_offending_part_and_its_place()
    {
        var error = AssertRefused("metrics.auc > 1 AND attributes.bogus = 'x'", "attributes.bogus");

        Assert.That(error.Message, Does.Contain("at character 21 of the filter"));
    }

    [Test]
    public void A_long_offending_part_is_cut()
    {
        var error = AssertRefused("params.a = '" + new string('x', 100_000), "is not closed");

        Assert.That(error.Message, Has.Length.LessThan(200));
    }

    private static ArgumentException AssertRefused(string filter, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => RunSearch.Parse(filter, []))!;
        Assert.That(error.ParamName, Is.EqualTo("filter"));
        Assert.That(error.Message, Does.Contain(message));
        return error;
    }
}
