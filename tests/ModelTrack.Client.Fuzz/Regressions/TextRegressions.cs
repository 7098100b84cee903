using System.Net;
using System.Text;
using System.Text.Json;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Fuzz.Running;
using ModelTrack.Client.Fuzz.Targets;

namespace ModelTrack.Client.Fuzz.Regressions;

/// <summary>What fuzzing found in the readers of texts.</summary>
internal sealed class TextRegressions
{
    [TestCase("a: [x:")]
    [TestCase("17672{a: {a: {a: 5600000 `e-324 0\n17671")]
    [TestCase("a: {b: c:\n")]
    public void What_the_YAML_parser_has_no_words_for_is_invalid_data(string text)
        => Assert.That(() => MetaYaml.Parse(Encoding.UTF8.GetBytes(text)), Throws.TypeOf<InvalidDataException>());

    [TestCase("[")]
    [TestCase("{a: ")]
    [TestCase("- ")]
    public void A_meta_yaml_nested_deeper_than_a_stack_is_invalid_data(string nesting)
    {
        var text = "a: 1\nb:\n  " + string.Concat(Enumerable.Repeat(nesting, 50_000));
        Assert.That(() => MetaYaml.Parse(Encoding.UTF8.GetBytes(text)), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void A_key_that_YAML_takes_for_none_is_refused_by_the_quick_parser_too()
        => Assert.That(() => MetaYaml.Parse(Encoding.UTF8.GetBytes(new string('a', 2000) + ": 1\n")), Throws.TypeOf<InvalidDataException>());

    /// <summary>MLflow writes such values of tags on lines of their own; here they come to stand side by side.</summary>
    [Test]
    public void A_value_that_begins_with_a_colon_or_a_question_mark_can_be_read_again()
    {
        var written = MetaYaml.Parse("tags:\n  a: :training\n  b: ?x\n  c: 1:30\n"u8).ToUtf8();
        var values = ((YamlMapping)MetaYaml.Parse(written).Entries["tags"]).Entries.Select(entry => ((YamlScalar)entry.Value).Text);
        Assert.That(values, Is.EqualTo(new[] { ":training", "?x", "1:30" }), Encoding.UTF8.GetString(written));
    }

    [Test]
    public void An_entry_with_half_of_a_surrogate_pair_in_a_name_does_not_stay_in_the_list_of_tables()
    {
        const string other = @"{""type"": ""image"", ""ty\ud800pe"": ""x""}";
        Assert.That(LoggedArtifactsTag.Append($"[{other}]", "t.json"), Is.EqualTo("""[{"path":"t.json","type":"table"}]"""));
    }

    [Test]
    public void A_manifest_without_entries_can_be_read_again()
    {
        var manifest = ModelManifest.Parse("{}");
        Assert.That(ModelManifest.Parse(manifest.ToYaml()), Is.EqualTo(manifest));
    }

    [Test]
    public void One_long_key_that_stands_in_many_maps_does_not_make_a_huge_manifest()
    {
        var maps = string.Concat(Enumerable.Repeat("- {? *k : 1}\n", 20_000));
        Assert.That(
            () => ModelManifest.Parse($"a: &k {new string('x', 100_000)}\nb:\n{maps}"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("more than"));
    }

    [TestCase("""{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "\ud800"}""")]
    [TestCase("""{"message": "\ud800", "error_code": "RESOURCE_DOES_NOT_EXIST"}""")]
    public void A_servers_error_counts_although_its_words_are_no_text(string body)
        => Assert.That(Answer(404, body, server => server.GetRunAsync("r", default)), Is.EqualTo("RESOURCE_DOES_NOT_EXIST"));

    [TestCase("""{"run": {"data": {"tags": [null]}}}""")]
    [TestCase("""{"run": {"data": {"tags": [{"value": "a"}]}}}""")]
    [TestCase("""{"run": {"data": {"metrics": [{"key": null, "value": 1, "timestamp": 1, "step": 1}]}}}""")]
    [TestCase("""{"run": {"outputs": {"model_outputs": [{"step": 1}]}}}""")]
    public void An_answer_with_nothing_where_something_must_be_is_none_of_MLflows(string body)
        => Assert.That(Answer(200, body, server => server.GetRunAsync("r", default)), Is.EqualTo("TEMPORARILY_UNAVAILABLE"));

    [Test]
    public void A_null_that_stands_for_something_absent_is_read()
        => Assert.That(Answer(200, """{"run": {"info": {"run_id": "r", "end_time": null}, "data": {"tags": null}}}""", server => server.GetRunAsync("r", default)), Is.Null);

    [Test]
    public void A_version_made_at_no_time_is_read()
        => Assert.That(
            Answer(200, """{"model_version": {"name": "m", "version": "1", "creation_timestamp": 253402300800000}}""", server => new RestModelRegistry(server.Sender).GetVersionAsync("m", 1, default)),
            Is.Null);

    [Test]
    public void An_artifact_location_whose_host_is_no_host_is_refused()
        => Assert.That(() => ProxyLocation.Resolve("mlflow-artifacts://\u202e/a", new Uri("http://server.test")), Throws.TypeOf<ModelTrackException>());

    [TestCase("""{"columns": ["a"], "\ud800data": [[1]]}""")]
    [TestCase("""{"columns": ["\ud800"], "data": [[1]]}""")]
    public void A_table_with_names_that_are_no_text_is_none(string json)
        => Assert.That(() => TableJson.Append(Encoding.UTF8.GetBytes(json), ["a"], [[1]]), Throws.InstanceOf<JsonException>());

    [Test]
    public void A_value_of_many_lines_takes_the_memory_of_its_text()
    {
        var text = "[mlflow]\na = 1\n" + string.Concat(Enumerable.Repeat("  b\n", 50_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(IniFile.Parse(text, "credentials").GetRaw("mlflow", "a"), Has.Length.EqualTo(100_001));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(text.Length * 100));
    }

    [Test]
    public void Values_that_name_each_other_do_not_grow_without_end()
    {
        var text = "[s]\na0 = x\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i} = {string.Concat(Enumerable.Repeat($"%(a{i - 1})s", 20))}\n"));
        Assert.That(() => IniFile.Parse(text, "credentials").GetInterpolated("s", "a9"), Throws.ArgumentException.With.Message.Contains("longer than"));
    }

    /// <summary>Every kept seed is read as it should be.</summary>
    [TestCaseSource(typeof(AllTargets), nameof(AllTargets.Names))]
    public void Kept_seeds_are_read_or_refused_as_documented(string name)
    {
        using var target = AllTargets.Create(name);
        var run = new FuzzRun(target, 1);
        Assert.That(() => SeedFiles.Kept(name).ToList().ForEach(seed => run.Try(seed)), Throws.Nothing);
    }

    /// <summary>The code of the error of a call that is answered so; null when there is none.</summary>
    private static string? Answer<T>(int status, string body, Func<RestBackend, ValueTask<T>> call)
    {
#pragma warning disable CA2000 // The connection disposes it.
        using var backend = new RestBackend(ServerConnection.For(
            new Uri("http://server.test:5000"), new HttpClient(new Answerer(status, body)), TimeProvider.System, new HttpSettings { Retries = 0 }));
#pragma warning restore CA2000
        try
        {
            call(backend).AsTask().GetAwaiter().GetResult();
            return null;
        }
        catch (ModelTrackException e)
        {
            return e.ErrorCode;
        }
    }

    private sealed class Answerer(int status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json"), RequestMessage = request });
    }
}
