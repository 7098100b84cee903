namespace ModelTrack.Client.Tests;

internal sealed class RulesTests
{
    private const string Astral = "\U00020000"; // A letter outside of the BMP: two UTF-16 units, one code point.

    private static readonly Action<string>[] KeyChecks =
    [
        Rules.CheckMetricKey, Rules.CheckTagKey, key => Rules.CheckParam(key, "v"), key => Rules.CheckTag(key, "v"),
        key => Rules.CheckExperimentTag(key, "v"),
    ];

    [TestCase("a")]
    [TestCase("train/loss")]
    [TestCase("val/acc 1")]
    [TestCase("a.b-c_d:e")]
    [TestCase("mlflow.note.content")]
    [TestCase("é")]
    [TestCase("日本/語")]
    [TestCase("x²")]
    [TestCase("Ⅷ")]
    [TestCase("٣")]
    [TestCase(Astral)]
    [TestCase("𝛼/𝟙")]
    [TestCase(" ")]
    [TestCase(".a")]
    [TestCase("a..b")]
    [TestCase("a/..b")]
    [TestCase("a/...")]
    [TestCase("a. ")]
    public void A_key_that_MLflow_takes_passes(string key)
    {
        foreach (var check in KeyChecks)
        {
            Assert.That(() => check(key), Throws.Nothing);
        }
    }

    [TestCase("", "empty")]
    [TestCase("a#b", "'#' (U+0023) at index 1")]
    [TestCase("a\\b", "'\\' (U+005C) at index 1")]
    [TestCase("100%", "'%' (U+0025) at index 3")]
    [TestCase("a\n", "U+000A at index 1")]
    [TestCase("a\0b", "U+0000 at index 1")]
    [TestCase("a\u007f", "U+007F at index 1")]
    [TestCase("a\tb", "U+0009")]
    [TestCase("a\u00a0b", "U+00A0")]
    [TestCase("e\u0301", "U+0301")] // A combining mark is \w in .NET but not in Python.
    [TestCase("a‿b", "U+203F")] // A connector too.
    [TestCase("日本/語!", "'!' (U+0021) at index 4")]
    [TestCase("😀", "U+1F600) at index 0")]
    [TestCase("a😀", "U+1F600) at index 1")]
    [TestCase("a//b", "plain relative path")]
    [TestCase("a/", "plain relative path")]
    [TestCase("/a", "plain relative path")]
    [TestCase("/", "plain relative path")]
    [TestCase("//", "plain relative path")]
    [TestCase("./a", "plain relative path")]
    [TestCase("a/./b", "plain relative path")]
    [TestCase("a/.", "plain relative path")]
    [TestCase("a/../b", "plain relative path")]
    [TestCase("a/..", "plain relative path")]
    [TestCase("../a", "plain relative path")]
    [TestCase("..", "plain relative path")]
    [TestCase(".", "plain relative path")]
    [TestCase("..a", "plain relative path")]
    [TestCase("é/", "plain relative path")]
    public void A_key_that_MLflow_refuses_is_refused_with_the_reason(string key, string reason)
    {
        foreach (var check in KeyChecks)
        {
            Assert.That(() => check(key), Throws.ArgumentException.With.Message.Contains(reason)
                .And.Property(nameof(ArgumentException.ParamName)).EqualTo("key"));
        }
    }

    // NUnit cannot print halves of surrogate pairs, so they are built here.
    [TestCase(new[] { 'a', '\ud800' }, 1)]
    [TestCase(new[] { '\udc00' }, 0)]
    [TestCase(new[] { '\udc00', '\ud800' }, 0)]
    [TestCase(new[] { '\ud840', '\udc00', '\ud800', 'a' }, 2)]
    public void Half_a_surrogate_pair_is_refused_everywhere(char[] characters, int index)
    {
        var text = new string(characters);
        NUnit.Framework.Constraints.IResolveConstraint Says() => Throws.ArgumentException.With.Message.Contains("half of a surrogate pair").And.Message.Contains($"at index {index}");

        Assert.That(() => Rules.CheckMetricKey(text), Says());
        Assert.That(() => Rules.CheckParam("k", text), Says());
        Assert.That(() => Rules.CheckTag("k", text), Says());
        Assert.That(() => Rules.CheckExperimentTag("k", text), Says());
        Assert.That(() => Rules.CheckExperimentName(text), Says());
        Assert.That(() => Rules.CheckRunName(text), Says());
    }

    [Test]
    public void Null_is_an_ArgumentNullException_that_names_the_argument()
    {
        Assert.That(() => Rules.CheckMetricKey(null!), Names("key"));
        Assert.That(() => Rules.CheckParam("k", null!), Names("value"));
        Assert.That(() => Rules.CheckTag("k", null!), Names("value"));
        Assert.That(() => Rules.CheckExperimentTag("k", null!), Names("value"));
        Assert.That(() => Rules.CheckExperimentName(null!), Names("name"));
        Assert.That(() => Rules.CheckExperimentId(null!), Names("experimentId"));
        Assert.That(() => Rules.CheckRunId(null!), Names("runId"));
        Assert.That(() => Rules.CheckRunName(null!), Names("name"));

        static NUnit.Framework.Constraints.IResolveConstraint Names(string argument)
            => Throws.ArgumentNullException.With.Property(nameof(ArgumentException.ParamName)).EqualTo(argument);
    }

    private static IEnumerable<TestCaseData> Limits()
    {
        yield return Limit("metric_key", Rules.CheckMetricKey, 250);
        yield return Limit("tag_key", Rules.CheckTagKey, 250);
        yield return Limit("param_key", t => Rules.CheckParam(t, ""), 250);
        yield return Limit("param_value", t => Rules.CheckParam("k", t), 6000);
        yield return Limit("tag_value", t => Rules.CheckTag("k", t), 8000);
        yield return Limit("experiment_tag_value", t => Rules.CheckExperimentTag("k", t), 5000);
        yield return Limit("experiment_name", Rules.CheckExperimentName, 500);
        yield return Limit("run_name", Rules.CheckRunName, 250);

        static TestCaseData Limit(string name, Action<string> check, int limit)
            => new TestCaseData(check, limit).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Limits))]
    public void Lengths_count_code_points_on_both_sides_of_the_limit(Action<string> check, int limit)
    {
        Assert.That(() => check(new string('a', limit)), Throws.Nothing);
        Assert.That(() => check(string.Concat(Enumerable.Repeat(Astral, limit))), Throws.Nothing);
        Assert.That(() => check(string.Concat(Enumerable.Repeat(Astral, limit - 1)) + "a"), Throws.Nothing);

        NUnit.Framework.Constraints.IResolveConstraint Says()
            => Throws.ArgumentException.With.Message.Contains($"at most {limit} characters").And.Message.Contains($"has {limit + 1}");

        Assert.That(() => check(new string('a', limit + 1)), Says());
        Assert.That(() => check(string.Concat(Enumerable.Repeat(Astral, limit + 1))), Says());
        Assert.That(() => check(string.Concat(Enumerable.Repeat(Astral, limit)) + "a"), Says());
    }

    [TestCase("")]
    [TestCase("line\r\nline\t\0")]
    [TestCase("😀 100 % #")]
    public void A_value_may_be_any_text(string value)
    {
        Assert.That(() => Rules.CheckParam("k", value), Throws.Nothing);
        Assert.That(() => Rules.CheckTag("k", value), Throws.Nothing);
        Assert.That(() => Rules.CheckExperimentTag("k", value), Throws.Nothing);
    }

    [Test]
    public void A_name_must_not_be_empty()
    {
        Assert.That(() => Rules.CheckExperimentName(""), Throws.ArgumentException);
        Assert.That(() => Rules.CheckRunName(""), Throws.ArgumentException);
    }

    [TestCase("0")]
    [TestCase("3dcc058c4176442aa95e69b5323ccd8e")]
    [TestCase("A-b_9")]
    [TestCase("aé")]
    public void An_id_of_MLflows_form_passes(string id)
    {
        Assert.That(() => Rules.CheckRunId(id), Throws.Nothing);
        Assert.That(() => Rules.CheckExperimentId(id), Throws.Nothing);
    }

    [TestCase("")]
    [TestCase("-a")]
    [TestCase("_a")]
    [TestCase("é")]
    [TestCase("a/b")]
    [TestCase("..")]
    [TestCase("a.b")]
    [TestCase("a b")]
    [TestCase("a\n")]
    public void An_id_of_another_form_is_refused(string id)
    {
        Assert.That(() => Rules.CheckRunId(id), Throws.ArgumentException);
        Assert.That(() => Rules.CheckExperimentId(id), Throws.ArgumentException);
    }

    [Test]
    public void A_run_id_has_at_most_256_characters_and_an_experiment_id_64()
    {
        Assert.That(() => Rules.CheckRunId(new string('a', 256)), Throws.Nothing);
        Assert.That(() => Rules.CheckRunId(new string('a', 257)), Throws.ArgumentException);
        Assert.That(() => Rules.CheckExperimentId(new string('1', 64)), Throws.Nothing);
        Assert.That(() => Rules.CheckExperimentId(new string('1', 65)), Throws.ArgumentException);
    }

    [Test]
    public void A_time_before_1970_is_refused()
    {
        Assert.That(() => Rules.CheckTimestamp(DateTimeOffset.UnixEpoch), Throws.Nothing);
        Assert.That(() => Rules.CheckTimestamp(new DateTimeOffset(1970, 1, 1, 2, 0, 0, TimeSpan.FromHours(2))), Throws.Nothing);
        Assert.That(() => Rules.CheckTimestamp(DateTimeOffset.UnixEpoch.AddTicks(-1)), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => Rules.CheckTimestamp(default), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void A_long_value_is_shortened_in_the_message()
    {
        var message = Assert.Throws<ArgumentException>(() => Rules.CheckTag("k", new string('a', 100_000)))!.Message;

        Assert.That(message, Has.Length.LessThan(300).And.Contains("100000"));
    }

    [Test]
    public void The_check_of_an_ordinary_key_allocates_nothing()
    {
        Rules.CheckMetricKey("train/loss");
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            Rules.CheckMetricKey("train/loss");
            Rules.CheckParam("learning_rate", "0.1");
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [TestCase("a:b")]
    [TestCase("con")]
    [TestCase("metrics/NUL")]
    [TestCase("Com1.txt/x")]
    [TestCase("lpt²")]
    [TestCase("a.")]
    [TestCase("a /b")]
    [TestCase(" ")]
    public void A_key_that_Windows_cannot_hold_is_refused_there_only(string key)
    {
        Assert.That(() => Rules.CheckFileKey(key, onWindows: true), Throws.ArgumentException);
        Assert.That(() => Rules.CheckFileKey(key, onWindows: false), Throws.Nothing);
    }

    [TestCase("train/loss")]
    [TestCase("console")]
    [TestCase("com")]
    [TestCase("com10")]
    [TestCase("a.con")]
    [TestCase(".a")]
    public void An_ordinary_key_is_a_file_on_Windows(string key)
        => Assert.That(() => Rules.CheckFileKey(key, onWindows: true), Throws.Nothing);
}
