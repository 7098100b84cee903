namespace ModelTrack.Client.Tests;

/// <summary>Every wrong input is refused at the call, with the rule and the value in the message, and leaves nothing half-written.</summary>
[TestFixture(StoreKind.Folder)]
[TestFixture(StoreKind.Memory)]
internal sealed class BadInputTests(StoreKind kind)
{
    private StoreUnderTest _store = null!;
    private Tracker _tracker = null!;
    private Run _run = null!;

    [SetUp]
    public void SetUp()
    {
        _store = new StoreUnderTest(kind);
        _tracker = _store.Open();
        _run = _tracker.StartRun();
    }

    [TearDown]
    public void TearDown()
    {
        _run.Dispose();
        _tracker.Dispose();
        _store.Dispose();
    }

    [TestCase("", "must not be empty")]
    [TestCase("a#b", "a#b")]
    [TestCase("loss%", "loss%")]
    [TestCase("grösse€", "€")]
    [TestCase("a\nb", "letters, digits")]
    [TestCase("../a", "../a")]
    [TestCase("a/../b", "a/../b")]
    [TestCase("/abs", "/abs")]
    [TestCase("a/", "a/")]
    [TestCase("a//b", "a//b")]
    [TestCase("./a", "./a")]
    [TestCase("..", "..")]
    [TestCase("a\\b", "letters, digits")]
    [TestCase("a\0", "letters, digits")]
    public async Task A_key_outside_the_rules_is_refused_by_every_call(string key, string inMessage)
    {
        var before = _store.Files();
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogMetric(key, 1), Refusal());
            Assert.That(() => _run.LogMetrics(("good", 1), (key, 1)), Refusal());
            Assert.That(() => _run.LogMetrics(new Dictionary<string, double> { ["good"] = 1, [key] = 1 }), Refusal());
            Assert.That(() => _run.LogParam(key, 1), Refusal());
            Assert.That(() => _run.LogParams(("good", 1), (key, 1)), Refusal());
            Assert.That(() => _run.LogParams(new Dictionary<string, object> { ["good"] = 1, [key] = 1 }), Refusal());
            Assert.That(() => _run.SetTag(key, 1), Refusal());
            Assert.That(() => _run.SetTags(("good", 1), (key, 1)), Refusal());
            Assert.That(() => _run.SetTags(new Dictionary<string, string> { ["good"] = "", [key] = "" }), Refusal());
            Assert.That(() => _run.DeleteTag(key), Refusal());
            Assert.That(() => _tracker.StartRun(tags: new Dictionary<string, string> { [key] = "" }), Refusal());
            Assert.That(() => _run.StartChild(tags: new Dictionary<string, string> { [key] = "" }), Refusal());
        });
        await NothingChanged(before);

        NUnit.Framework.Constraints.ContainsConstraint Refusal() => Throws.ArgumentException.With.Message.Contains(inMessage);
    }

    [Test]
    public async Task What_is_too_long_is_refused_with_its_length()
    {
        var before = _store.Files();
        var key = new string('k', 251);
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogMetric(key, 1), TooLong(250, 251));
            Assert.That(() => _run.LogParam(key, 1), TooLong(250, 251));
            Assert.That(() => _run.SetTag(key, 1), TooLong(250, 251));
            Assert.That(() => _run.LogParam("p", new string('v', 6001)), TooLong(6000, 6001));
            Assert.That(() => _run.LogParams(new { good = 1, bad = new string('v', 6001) }), TooLong(6000, 6001));
            Assert.That(() => _run.SetTag("t", new string('v', 8001)), TooLong(8000, 8001));
            Assert.That(() => _run.SetDescription(new string('v', 8001)), TooLong(8000, 8001));
            Assert.That(() => _tracker.StartRun(description: new string('v', 8001)), TooLong(8000, 8001));
            Assert.That(() => _tracker.StartRun(new string('n', 251)), TooLong(250, 251));
            Assert.That(() => _tracker.StartRun(experiment: new string('n', 501)), TooLong(500, 501));
        });
        await NothingChanged(before);
    }

    [Test]
    public async Task What_is_just_not_too_long_is_stored()
    {
        var emoji = string.Concat(Enumerable.Repeat("😀", 6000));
        _run.LogMetric(new string('m', 250), 1).LogParam(new string('p', 250), emoji).SetTag("t", new string('v', 8000));

        var report = await _run.EndAsync();

        Assert.That(report.Rejections, Is.Empty);
        Assert.That((await _tracker.Runs.GetAsync(_run.Id)).Params.Single().Value, Is.EqualTo(emoji));
    }

    [Test]
    public async Task Text_that_is_no_Unicode_is_refused()
    {
        var before = _store.Files();
        Assert.That(() => _run.LogParam("p", "a\ud800"), Throws.ArgumentException.With.Message.Contains("Unicode"));
        Assert.That(() => _run.SetTag("t", "\udc00a"), Throws.ArgumentException.With.Message.Contains("Unicode"));
        Assert.That(() => _tracker.StartRun("\ud800"), Throws.ArgumentException.With.Message.Contains("Unicode"));
        await NothingChanged(before);
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("\t\n")]
    public async Task A_blank_name_is_refused(string name)
    {
        var before = _store.Files();
        Assert.That(() => _tracker.StartRun(name), Throws.ArgumentException.With.Message.Contains("run name must not be"));
        Assert.That(() => _tracker.StartRun(experiment: name), Throws.ArgumentException.With.Message.Contains("experiment name must not be"));
        Assert.That(() => _run.StartChild(name), Throws.ArgumentException);
        Assert.That(async () => await _tracker.Experiments.CreateAsync(name), Throws.ArgumentException);
        await NothingChanged(before);
    }

    [Test]
    public async Task Null_is_refused_with_the_parameters_name()
    {
        var before = _store.Files();
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogMetric(null!, 1), Null("key"));
            Assert.That(() => _run.LogMetrics(((string, double)[])null!), Null("values"));
            Assert.That(() => _run.LogMetrics((Dictionary<string, double>)null!), Null("values"));
            Assert.That(() => _run.LogMetrics((null!, 1)), Null("key"));
            Assert.That(() => _run.LogParam(null!, 1), Null("key"));
            Assert.That(() => _run.LogParams((object)null!), Null("values"));
            Assert.That(() => _run.LogParams(((string, object?)[])null!), Null("values"));
            Assert.That(() => _run.LogParams((null!, 1)), Null("key"));
            Assert.That(() => _run.SetTag(null!, 1), Null("key"));
            Assert.That(() => _run.SetTags((Dictionary<string, string>)null!), Null("tags"));
            Assert.That(() => _run.DeleteTag(null!), Null("key"));
            Assert.That(() => _tracker.Run("r", (Action<Run>)null!), Null("body"));
            Assert.That(async () => await _tracker.RunAsync("r", (Func<Run, CancellationToken, Task>)null!), Null("body"));
            Assert.That(() => new Tracker((string)null!), Null("trackingUri"));
            Assert.That(() => new Tracker((TrackerOptions)null!), Null("options"));
        });
        await NothingChanged(before);
    }

    [Test]
    public async Task A_changed_param_is_refused_and_the_first_value_stays()
    {
        _run.LogParam("p", 1).LogParam("p", "1");

        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogParam("p", 2), Changed());
            Assert.That(() => _run.LogParams(("good", 1), ("p", 2)), Changed());
            Assert.That(() => _run.LogParams(new { good = 1, p = 2 }), Changed());
            Assert.That(() => _run.LogParams(("new", 1), ("new", 2)), Throws.TypeOf<ModelTrackException>());
        });
        var report = await _run.EndAsync();

        Assert.That((await _tracker.Runs.GetAsync(_run.Id)).Params, Is.EqualTo(new Dictionary<string, string> { ["p"] = "1" }));
        Assert.That(report.Accepted, Is.EqualTo(2), "the param once, and the end");

        static NUnit.Framework.Constraints.ContainsConstraint Changed() => Throws.TypeOf<ModelTrackException>()
            .With.Message.Contains("'p'").And.Message.Contains("\"1\"").And.Message.Contains("\"2\"");
    }

    [Test]
    public void A_time_before_1970_is_refused()
    {
        var early = DateTimeOffset.UnixEpoch.AddMilliseconds(-1);
        Assert.That(() => _run.LogMetric("m", 1, timestamp: early), Throws.InstanceOf<ArgumentException>().With.Message.Contains("1970"));
        Assert.That(() => _run.LogMetrics([("m", 1d)], timestamp: early), Throws.InstanceOf<ArgumentException>().With.Message.Contains("1969"));
    }

    [Test]
    public void What_is_no_bag_of_params_is_refused()
    {
        Assert.That(() => _run.LogParams(42), Throws.ArgumentException);
        Assert.That(() => _run.LogParams((object)"text"), Throws.ArgumentException);
        Assert.That(() => _run.LogParams(new List<int> { 1 }), Throws.ArgumentException);
    }

    [Test]
    public async Task A_run_that_cannot_be_resumed_says_why()
    {
        using var deleted = _tracker.StartRun(experiment: "e");
        await deleted.EndAsync();
        await _tracker.Runs.DeleteAsync(deleted.Id);
        var before = _store.Files();
        Assert.Multiple(() =>
        {
            Assert.That(() => _tracker.StartRun(runId: "0123456789abcdef0123456789abcdef"), Throws.TypeOf<ModelTrackException>()
                .With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist).And.Message.Contains("0123456789abcdef0123456789abcdef"));
            Assert.That(() => _tracker.StartRun(runId: deleted.Id), Throws.TypeOf<ModelTrackException>().With.Message.Contains("deleted"));
            Assert.That(() => _tracker.StartRun(runId: _run.Id, experiment: "e"), Throws.TypeOf<ModelTrackException>().With.Message.Contains("'e'"));
            Assert.That(() => _tracker.StartRun(runId: "../x"), Throws.ArgumentException);
            Assert.That(() => _tracker.StartRun(runId: ""), Throws.ArgumentException);
        });
        await NothingChanged(before);
    }

    [Test]
    public async Task An_experiment_of_a_deleted_name_is_refused()
    {
        var experiment = await _tracker.Experiments.CreateAsync("gone");
        await _tracker.Experiments.DeleteAsync(experiment.Id);
        var before = _store.Files();

        Assert.That(() => _tracker.StartRun(experiment: "gone"), Throws.TypeOf<ModelTrackException>()
            .With.Message.Contains("'gone'").And.Message.Contains("restore").And.Property("ErrorCode").EqualTo(ErrorCode.InvalidState));
        await NothingChanged(before);
    }

    [Test]
    public void Two_names_for_one_run_are_refused()
    {
        Assert.That(
            () => _tracker.StartRun("one", tags: new Dictionary<string, string> { ["mlflow.runName"] = "two" }),
            Throws.ArgumentException.With.Message.Contains("two"));
    }

    private static NUnit.Framework.Constraints.ContainsConstraint TooLong(int most, int length)
        => Throws.ArgumentException.With.Message.Contains($"at most {most}").And.Message.Contains($"{length}");

    private static NUnit.Framework.Constraints.EqualStringConstraint Null(string name)
        => Throws.ArgumentNullException.With.Property("ParamName").EqualTo(name);

    private async Task NothingChanged(Dictionary<string, string> before)
    {
        var report = await _tracker.FlushAsync();
        Assert.That(_store.Files(), Is.EqualTo(before));
        Assert.That(report.Rejected, Is.Zero);
        Assert.That(report.Pending, Is.Zero);
    }
}
