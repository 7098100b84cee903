using System.Net;
using System.Text.Json;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Tests.Backends.Rest.Recording;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>What is sent to a server is what was recorded of MLflow, field by field; what a server answered then is understood.</summary>
internal sealed class RecordedRegistryTests
{
    private const string RunId = "1e8015abc4344c45928485bbf4dad56e";
    private const string Model = "my-model";

    private static readonly Dictionary<string, string> NoTags = [];

    // What only a malformed call could send (a number for a text, no name at all) is not among them.
    private static readonly Dictionary<int, Func<RegistryApi, Task<object?>>> Calls = new()
    {
        [301] = async api => await api.CreateModelAsync("my model", "desc\nline", Tags("owner", "me"), default),
        [302] = async api => await api.CreateModelAsync("my model", null, NoTags, default),
        [303] = async api => await api.CreateModelAsync("a/b", null, NoTags, default),
        [304] = async api => await api.CreateModelAsync("a:b", null, NoTags, default),
        [305] = async api => await api.CreateModelAsync("", null, NoTags, default),
        [306] = async api => await api.GetModelAsync("my model", default),
        [307] = async api => await api.GetModelAsync("nope", default),
        [308] = async api => await api.RenameModelAsync("my model", Model, default),
        [309] = async api => await api.RenameModelAsync("nope", "x", default),
        [311] = async api => await api.UpdateModelAsync(Model, "new desc", default),
        [312] = api => Nothing(api.SetModelTagAsync(Model, "k", "v", default)),
        [313] = api => Nothing(api.DeleteModelTagAsync(Model, "k", default)),
        [314] = api => Nothing(api.DeleteModelTagAsync(Model, "k", default)),
        [315] = async api => await api.CreateVersionAsync(
            Version($"mlflow-artifacts:/1/{RunId}/artifacts/conf", RunId) with { Description = "v one", Tags = Tags("t", "1") }, default),
        [316] = async api => await api.CreateVersionAsync(Version($"runs:/{RunId}/conf", RunId), default),
        [317] = async api => await api.CreateVersionAsync(
            Version("models:/m-e3db23698aeb4dd0a707c65f2bb62553") with { ModelId = "m-e3db23698aeb4dd0a707c65f2bb62553" }, default),
        [318] = async api => await api.CreateVersionAsync(Version("s3://bucket/model"), default),
        [319] = async api => await api.CreateVersionAsync(Version($"runs:/{RunId}/conf", RunId) with { Name = "nope" }, default),
        [321] = async api => await api.CreateVersionAsync(Version("/tmp/model"), default),
        [322] = async api => await api.CreateVersionAsync(Version("file:///tmp/model", RunId), default),
        [323] = async api => await api.CreateVersionAsync(Version($"mlflow-artifacts:/1/{RunId}/artifacts/../../x", RunId), default),
        [324] = async api => await api.CreateVersionAsync(Version($"runs:/{new string('0', 32)}/conf", new string('0', 32)), default),
        [325] = async api => await api.CreateVersionAsync(Version("models:/my-model/1"), default),
        [326] = async api => await api.GetVersionAsync(Model, 1, default),
        [327] = async api => await api.GetVersionAsync(Model, 99, default),
        [329] = async api => await api.UpdateVersionAsync(Model, 1, "updated", default),
        [331] = api => Nothing(api.SetVersionTagAsync(Model, 1, "k", "v", default)),
        [332] = api => Nothing(api.DeleteVersionTagAsync(Model, 1, "k", default)),
        [333] = async api => await api.SetStageAsync(Model, 1, ModelStage.Production, false, default),
        [337] = async api => await api.GetLatestVersionsAsync(Model, [], default),
        [339] = api => Nothing(api.SetAliasAsync(Model, "champion", 2, default)),
        [340] = api => Nothing(api.SetAliasAsync(Model, "champion", 1, default)),
        [341] = api => Nothing(api.SetAliasAsync(Model, "v1", 1, default)),
        [342] = api => Nothing(api.SetAliasAsync(Model, "latest", 1, default)),
        [343] = api => Nothing(api.SetAliasAsync(Model, "a b", 1, default)),
        [344] = api => Nothing(api.SetAliasAsync(Model, "x", 99, default)),
        [345] = async api => await api.GetVersionByAliasAsync(Model, "champion", default),
        [346] = async api => await api.GetVersionByAliasAsync(Model, "nope", default),
        [347] = async api => await api.GetModelAsync(Model, default),
        [348] = api => Nothing(api.DeleteAliasAsync(Model, "champion", default)),
        [349] = api => Nothing(api.DeleteAliasAsync(Model, "champion", default)),
        [350] = async api => await api.GetDownloadUriAsync(Model, 1, default),
        [351] = async api => await api.GetDownloadUriAsync(Model, 2, default),
        [352] = async api => await api.GetDownloadUriAsync(Model, 3, default),
        [353] = async api => await api.SearchModelsAsync(new RegistryQuery { PageSize = 10 }, null, default),
        [355] = async api => await api.SearchModelsAsync(new RegistryQuery { PageSize = 1001 }, null, default),
        [357] = async api => await api.SearchVersionsAsync(new RegistryQuery { Filter = "name='my-model'", PageSize = 2 }, null, default),
        [360] = async api => await api.SearchVersionsAsync(new RegistryQuery { PageSize = 200_001 }, null, default),
        [361] = api => Nothing(api.DeleteVersionAsync(Model, 4, default)),
        [362] = async api => await api.GetVersionAsync(Model, 4, default),
        [363] = async api => await api.CreateVersionAsync(Version($"runs:/{RunId}/conf", RunId), default),
        [364] = api => Nothing(api.DeleteModelAsync(Model, default)),
        [365] = api => Nothing(api.DeleteModelAsync(Model, default)),
    };

    private static IEnumerable<TestCaseData> Recordings
        => Calls.Keys.Select(number => new TestCaseData(number).SetArgDisplayNames(number.ToString(null, null)));

    /// <summary>Answers to requests that a client of ours does not send in this form.</summary>
    private static readonly int[] Others = [310, 320, 328, 330, 334, 335, 336, 338, 354, 356, 358, 359];

    [TestCaseSource(nameof(Recordings))]
    public async Task A_call_goes_as_recorded_and_its_answer_is_understood(int number)
    {
        var recording = Of(number);
        var (result, error, server) = await PlayAsync(recording, Calls[number]);
        AssertSent(recording, server);
        AssertUnderstood(recording, result, error);
    }

    [TestCaseSource(nameof(Others))]
    public async Task Other_recorded_answers_are_understood_too(int number)
    {
        var recording = Of(number);
        var (result, error, _) = await PlayAsync(recording, recording.Name switch
        {
            var name when name.Contains("registered-models-search", StringComparison.Ordinal) => Calls[353],
            var name when name.Contains("model-versions-search", StringComparison.Ordinal) => Calls[357],
            var name when name.Contains("get-latest-versions", StringComparison.Ordinal) => Calls[337],
            _ => Calls[333],
        });
        AssertUnderstood(recording, result, error);
    }

    [Test]
    public async Task Stages_are_asked_for_one_by_one()
    {
        var (_, _, server) = await PlayAsync(
            Of(338), async api => await api.GetLatestVersionsAsync("a b", [ModelStage.None, ModelStage.Production], default));
        Assert.That(server.Requests.Single().Uri.AbsoluteUri, Does.EndWith("get-latest-versions?name=a%20b&stages=None&stages=Production"));
    }

    [Test]
    public async Task A_search_sends_filter_order_and_page_token()
    {
        var query = new RegistryQuery { Filter = "name LIKE 'my%'", OrderBy = ["name ASC", "version_number DESC"], PageSize = 7 };
        var (_, _, server) = await PlayAsync(Of(358), async api => await api.SearchVersionsAsync(query, "abc=", default));
        Assert.That(
            server.Requests.Single().Uri.AbsoluteUri,
            Does.EndWith(
                "search?filter=name%20LIKE%20%27my%25%27&max_results=7"
                + "&order_by=name%20ASC&order_by=version_number%20DESC&page_token=abc%3D"));
    }

    [Test]
    public async Task Numbers_may_come_as_texts()
    {
        const string Body = """
            {"registered_model": {"name": "a", "creation_timestamp": "1700000000000", "last_updated_timestamp": 1700000000001,
             "latest_versions": [{"name": "a", "version": 3, "creation_timestamp": "5", "current_stage": "Staging", "new": {}}],
             "aliases": [{"alias": "b", "version": 3}], "tags": [{"key": "k"}]}}
            """;
        using var server = new ScriptedServer(_ => ScriptedAnswer.Ok(Body));
        using var sender = server.Sender();
        var model = await new RegistryApi(sender).GetModelAsync("a", default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(model.CreationTime.ToUnixTimeMilliseconds(), Is.EqualTo(1_700_000_000_000));
            Assert.That(model.LatestVersions.Single().Version, Is.EqualTo(3));
            Assert.That(model.LatestVersions.Single().Aliases, Is.EqualTo(["b"]));
            Assert.That(model.Tags["k"], Is.Empty);
        }
    }

    private static Dictionary<string, string> Tags(string key, string value) => new() { [key] = value };

    private static VersionCreation Version(string source, string? runId = null) => new() { Name = Model, Source = source, RunId = runId };

    private static async Task<object?> Nothing(Task call)
    {
        await call;
        return null;
    }

    private static RecordedExchange Of(int number) => RecordedExchange.All.Single(recording => recording.Number == number);

    private static async Task<(object? Result, ModelTrackException? Error, RecordedServer Server)> PlayAsync(
        RecordedExchange recording, Func<RegistryApi, Task<object?>> call)
    {
        var server = new RecordedServer(recording);
        using var sender = RecordedChecks.SenderTo(server);
        try
        {
            return (await call(new RegistryApi(sender)), null, server);
        }
        catch (ModelTrackException e)
        {
            return (null, e, server);
        }
    }

    /// <summary>Every field as recorded, and no other.</summary>
    private static void AssertSent(RecordedExchange recording, RecordedServer server)
    {
        var (method, uri, contentType, body) = server.Requests.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(method, Is.EqualTo(recording.Method));
            Assert.That(uri.AbsolutePath, Does.EndWith(recording.Route));
            Assert.That(QueryOf(uri), Is.EquivalentTo(recording.Query));
            Assert.That(contentType?.MediaType, Is.EqualTo(recording.RequestBody is null ? null : "application/json"));
            Assert.That(
                recording.RequestBody is { } expected
                    ? JsonElement.DeepEquals(JsonDocument.Parse(body).RootElement, expected)
                    : body is null,
                recording.Name);
        }
    }

    private static IEnumerable<(string Name, string Value)> QueryOf(Uri uri)
        => uri.Query.Length == 0
            ? []
            : uri.Query[1..].Split('&').Select(pair => pair.Split('='))
                .Select(pair => (WebUtility.UrlDecode(pair[0]), WebUtility.UrlDecode(pair[1])));

    private static void AssertUnderstood(RecordedExchange recording, object? result, ModelTrackException? error)
    {
        if (recording.Status != 200)
        {
            Assert.That(error, Is.Not.Null);
            using (Assert.EnterMultipleScope())
            {
                Assert.That((int)error!.StatusCode!, Is.EqualTo(recording.Status));
                Assert.That(error.ErrorCode, Is.EqualTo(recording.ResponseBody.GetProperty("error_code").GetString()));
                Assert.That(error.Message, Does.Contain(recording.ResponseBody.GetProperty("message").GetString()!));
                Assert.That(error.IsTransient, Is.False);
            }

            return;
        }

        Assert.That(error, Is.Null);
        switch (result)
        {
            case RegisteredModel model:
                AssertSame(model, recording.ResponseBody.GetProperty("registered_model"));
                break;
            case ModelVersion version:
                AssertSame(version, recording.ResponseBody.GetProperty("model_version"));
                break;
            case IReadOnlyList<ModelVersion> versions:
                AssertSame(versions, recording.ResponseBody.GetProperty("model_versions"));
                break;
            case Page<ModelVersion> page:
                AssertSame(page.Items, recording.ResponseBody.GetProperty("model_versions"));
                Assert.That(page.NextPageToken, Is.EqualTo(Text(recording.ResponseBody, "next_page_token")));
                break;
            case Page<RegisteredModel> page:
                Assert.That(page.Items, Has.Count.EqualTo(1));
                AssertSame(page.Items[0], recording.ResponseBody.GetProperty("registered_models")[0]);
                break;
            case string uri:
                Assert.That(uri, Is.EqualTo(Text(recording.ResponseBody, "artifact_uri")));
                break;
            default:
                Assert.That(recording.ResponseBody.EnumerateObject().Count(), Is.Zero);
                break;
        }
    }

    private static void AssertSame(RegisteredModel model, JsonElement json)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(model.Name, Is.EqualTo(Text(json, "name")));
            Assert.That(model.Description, Is.EqualTo(Text(json, "description")));
            Assert.That(model.CreationTime.ToUnixTimeMilliseconds(), Is.EqualTo(json.GetProperty("creation_timestamp").GetInt64()));
            Assert.That(model.LastUpdateTime.ToUnixTimeMilliseconds(), Is.EqualTo(json.GetProperty("last_updated_timestamp").GetInt64()));
            Assert.That(model.Tags, Is.EquivalentTo(ReadTags(json)));
            Assert.That(
                model.Aliases.Select(alias => $"{alias.Key}={alias.Value}"),
                Is.EquivalentTo(Items(json, "aliases").Select(alias => $"{Text(alias, "alias")}={Text(alias, "version")}")));
        }

        if (json.TryGetProperty("latest_versions", out var versions))
        {
            AssertSame(model.LatestVersions, versions, aliasesFrom: model.Aliases);
        }
        else
        {
            Assert.That(model.LatestVersions, Is.Empty);
        }
    }

    private static void AssertSame(
        IReadOnlyList<ModelVersion> versions, JsonElement json, IReadOnlyDictionary<string, int>? aliasesFrom = null)
    {
        Assert.That(versions, Has.Count.EqualTo(json.GetArrayLength()));
        foreach (var recorded in json.EnumerateArray())
        {
            AssertSame(versions.Single(v => v.Version.ToString(null, null) == Text(recorded, "version")), recorded, aliasesFrom);
        }
    }

    private static void AssertSame(ModelVersion version, JsonElement json, IReadOnlyDictionary<string, int>? aliasesFrom = null)
    {
        var aliases = aliasesFrom?.Where(alias => alias.Value == version.Version).Select(alias => alias.Key)
            ?? Items(json, "aliases").Select(alias => alias.GetString()!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(version.Name, Is.EqualTo(Text(json, "name")));
            Assert.That(version.Version.ToString(null, null), Is.EqualTo(Text(json, "version")));
            Assert.That(version.CreationTime.ToUnixTimeMilliseconds(), Is.EqualTo(json.GetProperty("creation_timestamp").GetInt64()));
            Assert.That(version.LastUpdateTime.ToUnixTimeMilliseconds(), Is.EqualTo(json.GetProperty("last_updated_timestamp").GetInt64()));
            Assert.That(version.Stage.ToString(), Is.EqualTo(Text(json, "current_stage")));
            Assert.That(version.Description ?? "", Is.EqualTo(Text(json, "description")));
            Assert.That(version.Source, Is.EqualTo(Text(json, "source")));
            Assert.That(version.RunId ?? "", Is.EqualTo(Text(json, "run_id")));
            Assert.That(version.RunLink ?? "", Is.EqualTo(Text(json, "run_link")));
            Assert.That(version.ModelId is null, Is.Not.EqualTo(version.Source.StartsWith("models:/m-", StringComparison.Ordinal)));
            Assert.That(version.Status, Is.EqualTo(ModelVersionStatus.Ready));
            Assert.That(version.Tags, Is.EquivalentTo(ReadTags(json)));
            Assert.That(version.Aliases, Is.EquivalentTo(aliases));
        }
    }

    private static Dictionary<string, string> ReadTags(JsonElement json)
        => Items(json, "tags").ToDictionary(tag => Text(tag, "key")!, tag => Text(tag, "value") ?? "");

    private static IEnumerable<JsonElement> Items(JsonElement json, string name)
        => json.TryGetProperty(name, out var items) ? [.. items.EnumerateArray()] : [];

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
