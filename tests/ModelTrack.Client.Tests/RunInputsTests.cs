namespace ModelTrack.Client.Tests;

[TestFixture(StoreKind.Folder)]
[TestFixture(StoreKind.Memory)]
internal sealed class RunInputsTests(StoreKind kind)
{
    private static readonly DatasetInput Iris = DatasetInput.FromSource("https://data.invalid/iris.csv", "iris", "1a2b3c4d", "{}", "[]");

    private StoreUnderTest _store = null!;
    private Tracker _tracker = null!;
    private Run _run = null!;

    [SetUp]
    public void SetUp()
    {
        _store = new StoreUnderTest(kind);
        _tracker = _store.Open(configure: options => options.JournalSegmentSize = 4 << 20);
        _run = _tracker.StartRun();
    }

    [TearDown]
    public void TearDown()
    {
        _run.Dispose();
        _tracker.Dispose();
        _store.Dispose();
    }

    [Test]
    public async Task The_context_of_the_call_counts_before_that_of_the_data_set()
    {
        var tagged = Iris with { Name = "tagged", Tags = new Dictionary<string, string> { ["mlflow.data.context"] = "eval", ["fold"] = "1" } };
        var report = await _run.LogInput(Iris).LogInput(tagged).LogInput(tagged with { Digest = "other" }, "training").EndAsync();

        Assert.That((report.Accepted, report.Delivered, report.Rejected), Is.EqualTo((4, 4, 0)));
        var inputs = (await _tracker.Runs.GetAsync(_run.Id)).DatasetInputs;
        Assert.That(
            inputs.Select(input => (input.Name, input.Digest, input.Context, input.Tags.GetValueOrDefault("fold"))),
            Is.EquivalentTo(new[] { ("iris", "1a2b3c4d", null, null), ("tagged", "1a2b3c4d", "eval", "1"), ("tagged", "other", "training", "1") }));
        var iris = inputs.Single(input => input.Name == "iris");
        Assert.That(
            (iris.SourceType, iris.Source, iris.Schema, iris.Profile),
            Is.EqualTo(("http", """{"url": "https://data.invalid/iris.csv"}""", "{}", "[]")));
    }

    [Test]
    public async Task The_largest_data_set_that_is_allowed_is_stored_and_many_of_them()
    {
        for (var i = 0; i < 20; i++)
        {
            _run.LogInput(Iris with { Name = $"wide {i}", Schema = new string('"', 470_000) });
        }

        var report = await _run.EndAsync();
        Assert.That(report.Rejected, Is.Zero);
        var inputs = (await _tracker.Runs.GetAsync(_run.Id)).DatasetInputs;
        Assert.That(inputs, Has.Count.EqualTo(20));
        Assert.That(inputs.Select(input => input.Schema!.Length), Is.All.EqualTo(470_000));
    }

    [TestCase("", "d", "s", "name must not be empty")]
    [TestCase(" ", "d", "s", "name must not be blank")]
    [TestCase("n", "", "s", "digest must not be empty")]
    [TestCase("n", "d", " ", "source type must not be blank")]
    public async Task A_data_set_without_a_name_a_digest_or_a_type_is_refused(string name, string digest, string type, string message)
    {
        Assert.That(() => _run.LogInput(Iris with { Name = name, Digest = digest, SourceType = type }), Refused(message));
        Assert.That((await _run.EndAsync()).Accepted, Is.EqualTo(1), "the end alone");
    }

    [Test]
    public async Task What_is_longer_than_MLflow_allows_is_refused_at_the_call()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => _run.LogInput(Iris with { Name = new string('n', 501) }), Refused("at most 500 characters"));
            Assert.That(() => _run.LogInput(Iris with { Digest = new string('d', 37) }), Refused("at most 36 characters"));
            Assert.That(() => _run.LogInput(Iris with { SourceType = new string('t', 37) }), Refused("at most 36 characters"));
            Assert.That(() => _run.LogInput(Iris with { Source = new string('s', 65_536) }), Refused("at most 65535 characters"));
            Assert.That(() => _run.LogInput(Iris with { Schema = new string('s', 1_048_576) }), Refused("at most 1048575 characters"));
            Assert.That(() => _run.LogInput(Iris with { Profile = new string('p', 16_777_216) }), Refused("at most 16777215 characters"));
            Assert.That(() => _run.LogInput(Iris with { Tags = Tag("", "v") }), Refused("key of an input's tag must not be empty"));
            Assert.That(() => _run.LogInput(Iris with { Tags = Tag(new string('k', 256), "v") }), Refused("at most 255 characters"));
            Assert.That(() => _run.LogInput(Iris with { Tags = Tag("k", new string('v', 501)) }), Refused("at most 500 characters"));
            Assert.That(() => _run.LogInput(Iris, new string('c', 501)), Refused("at most 500 characters"));
            Assert.That(() => _run.LogInput(Iris with { Schema = new string('s', 950_000) }), Refused("at most 950000 bytes"));
            Assert.That(() => _run.LogInput(Iris with { Schema = "a\ud800" }), Refused("not valid Unicode"));
            Assert.That(() => _run.LogInput(Iris with { Source = null! }), Throws.ArgumentNullException);
            Assert.That(() => _run.LogInput(null!), Throws.ArgumentNullException);
        });
        _run.LogInput(new DatasetInput(
            new string('n', 500), new string('d', 36), new string('t', 36), new string('s', 65_535), null, null, Tag(new string('k', 255), new string('v', 500))));
        Assert.That((await _run.EndAsync()).Delivered, Is.EqualTo(2));
        Assert.That(() => _run.LogInput(Iris), Throws.InvalidOperationException.With.Message.Contains("has ended"));
    }

    [TestCase("data/a b.csv", "local", """{"uri": "data/a b.csv"}""")]
    [TestCase("C:\\data\\a.csv", "local", """{"uri": "C:\\data\\a.csv"}""")]
    [TestCase("file:///data/ü.csv", "local", """{"uri": "file:///data/ü.csv"}""")]
    [TestCase("http://host/a?b=1&c=\"", "http", """{"url": "http://host/a?b=1&c=\""}""")]
    [TestCase("https://me:secret@host/a", "http", """{"url": "https://host/a"}""")]
    [TestCase("s3://bucket/a.csv", "s3", """{"uri": "s3://bucket/a.csv"}""")]
    [TestCase("wasbs://container@account.blob.core.windows.net/a", "wasbs", """{"uri": "wasbs://container@account.blob.core.windows.net/a"}""")]
    public void A_source_is_said_as_MLflow_says_it(string source, string type, string json)
    {
        var dataset = DatasetInput.FromSource(source, "n", "d");
        Assert.That((dataset.SourceType, dataset.Source), Is.EqualTo((type, json)));
        Assert.That((dataset.Schema, dataset.Profile, dataset.Tags.Count, dataset.Context), Is.EqualTo(((string?)null, (string?)null, 0, (string?)null)));
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Refused(string message)
        => Throws.ArgumentException.With.Property("ParamName").EqualTo("dataset").And.Message.Contains(message);

    private static Dictionary<string, string> Tag(string key, string value) => new() { [key] = value };
}
