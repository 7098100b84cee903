using System.Text.Json;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Tests.Backends.Rest.Recording;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>What becomes of calls that get no answer, and of answers that older servers give.</summary>
internal sealed class RestModelRegistryTests
{
    private const string ModelJson
        = """{"registered_model": {"name": "cancer", "tags": [{"key": "a", "value": "b"}], "description": "d"}}""";
    private const string VersionJson = """{"name": "cancer", "version": "7", "source": "s3://b/m", "status": "READY"}""";

    private static readonly VersionCreation Creation = new() { Name = "cancer", Source = "s3://b/m", Tags = Tags("a", "b") };

    [Test]
    public async Task A_version_whose_creation_got_no_answer_is_found_by_its_tag_and_not_made_again()
    {
        using var server = new ScriptedServer(request => request.Call switch
        {
            "model-versions/create" => ScriptedAnswer.CutOff,
            "model-versions/delete-tag" => ScriptedAnswer.Ok("{}"),
            _ => ScriptedAnswer.Ok($$"""{"model_versions": [{{VersionJson}}]}"""),
        });
        var version = await Do(server, registry => registry.CreateVersionAsync(Creation, default));
        Assert.That(version.Version, Is.EqualTo(7));
        Assert.That(server.Requests.Select(r => r.Call), Is.EqualTo(["model-versions/create", "model-versions/search", "model-versions/delete-tag"]));
        var tags = JsonDocument.Parse(server.Requests[0].Body).RootElement.GetProperty("tags").EnumerateArray()
            .ToDictionary(tag => tag.GetProperty("key").GetString()!, tag => tag.GetProperty("value").GetString()!);
        Assert.That(tags.Keys, Is.EquivalentTo(["a", "modeltrack.request"]));
        Assert.That(
            Uri.UnescapeDataString(server.Requests[1].Path),
            Does.Contain($"filter=tags.`modeltrack.request` = '{tags["modeltrack.request"]}'&"));
    }

    [Test]
    public async Task A_tag_that_cannot_be_deleted_does_not_make_a_version_fail()
    {
        using var server = new ScriptedServer(request => request.Call switch
        {
            "model-versions/create" => ScriptedAnswer.Ok($$"""{"model_version": {{VersionJson}}}"""),
            _ => ScriptedAnswer.Error(403, "PERMISSION_DENIED"),
        });
        Assert.That((await Do(server, registry => registry.CreateVersionAsync(Creation, default))).Version, Is.EqualTo(7));
        Assert.That(server.Count("model-versions/create"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_version_that_was_not_made_is_looked_for_twice_and_then_made_again_with_the_same_tag()
    {
        var creations = 0;
        using var server = new ScriptedServer(request => request.Call switch
        {
            "model-versions/create" when ++creations == 1 => ScriptedAnswer.Error(503, "TEMPORARILY_UNAVAILABLE"),
            "model-versions/create" => ScriptedAnswer.Ok($$"""{"model_version": {{VersionJson}}}"""),
            "registered-models/get" => ScriptedAnswer.Ok(ModelJson),
            _ => ScriptedAnswer.Ok("{}"),
        });
        Assert.That((await Do(server, registry => registry.CreateVersionAsync(Creation, default))).Version, Is.EqualTo(7));
        Assert.That(server.Count("model-versions/search"), Is.EqualTo(2));
        Assert.That(server.Count("model-versions/create"), Is.EqualTo(2));
        var creationsSent = server.Requests.Where(request => request.Call == "model-versions/create").ToList();
        Assert.That(creationsSent[0].Body, Is.EqualTo(creationsSent[1].Body));
        Assert.That(server.Clock.Pauses, Is.EqualTo([TimeSpan.FromSeconds(1)]));
    }

    [Test]
    public void A_server_that_stays_in_trouble_is_not_asked_for_ever()
    {
        using var server = new ScriptedServer(request => request.Call switch
        {
            "model-versions/create" => ScriptedAnswer.Error(500, "INTERNAL_ERROR"),
            "registered-models/get" => ScriptedAnswer.Ok(ModelJson),
            _ => ScriptedAnswer.Ok("{}"),
        });
        var error = Assert.ThrowsAsync<ModelTrackException>(() => Do(server, registry => registry.CreateVersionAsync(Creation, default)));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.InternalError));
        Assert.That(server.Count("model-versions/create"), Is.EqualTo(3));
    }

    [Test]
    public void A_server_over_a_folder_that_fails_for_want_of_the_model_says_so_at_once()
    {
        using var server = new ScriptedServer(request => request.Call switch
        {
            "model-versions/create" => ScriptedAnswer.Error(500, "INTERNAL_ERROR", "Registered Model with name=cancer not found."),
            "registered-models/get" => ScriptedAnswer.Error(404, "RESOURCE_DOES_NOT_EXIST"),
            _ => ScriptedAnswer.Ok("{}"),
        });
        var error = Assert.ThrowsAsync<ModelTrackException>(() => Do(server, registry => registry.CreateVersionAsync(Creation, default)));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(server.Count("model-versions/create"), Is.EqualTo(1));
    }

    [Test]
    public void When_nothing_can_be_found_out_the_error_says_that_it_may_have_been_done()
    {
        using var server = new ScriptedServer(request => request.Call switch
        {
            "model-versions/create" => ScriptedAnswer.CutOff,
            _ => ScriptedAnswer.Error(403, "PERMISSION_DENIED"),
        });
        var error = Assert.ThrowsAsync<ModelTrackException>(() => Do(server, registry => registry.CreateVersionAsync(Creation, default)));
        Assert.That(error!.MayBeApplied, Is.True);
        Assert.That(error.Message, Does.Contain("could not be found out").And.Contain("403"));
        Assert.That(server.Count("model-versions/create"), Is.EqualTo(1));
    }

    [Test]
    public void What_a_server_refuses_is_neither_looked_for_nor_repeated()
    {
        using var server = new ScriptedServer(_ => ScriptedAnswer.Error(400, "INVALID_PARAMETER_VALUE"));
        Assert.ThrowsAsync<ModelTrackException>(() => Do(server, registry => registry.CreateVersionAsync(Creation, default)));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_model_whose_creation_got_no_answer_is_ours_if_it_is_as_we_made_it()
    {
        using var server = new ScriptedServer(request
            => request.Call == "registered-models/create" ? ScriptedAnswer.CutOff : ScriptedAnswer.Ok(ModelJson));
        var model = await Do(server, registry => registry.CreateModelAsync("cancer", "d", Tags("a", "b"), default));
        Assert.That(model.Name, Is.EqualTo("cancer"));
        Assert.That(server.Count("registered-models/create"), Is.EqualTo(1));
    }

    [Test]
    public void A_model_that_somebody_else_made_meanwhile_is_not_taken_for_ours()
    {
        var creations = 0;
        using var server = new ScriptedServer(request => request.Call switch
        {
            "registered-models/create" when ++creations == 1 => ScriptedAnswer.CutOff,
            "registered-models/create" => ScriptedAnswer.Error(400, "RESOURCE_ALREADY_EXISTS"),
            _ => ScriptedAnswer.Ok(ModelJson),
        });
        var error = Assert.ThrowsAsync<ModelTrackException>(
            () => Do(server, registry => registry.CreateModelAsync("cancer", "another description", Tags("a", "b"), default)));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceAlreadyExists));
    }

    [Test]
    public async Task A_model_that_turns_up_only_at_the_repetition_is_ours_too()
    {
        var creations = 0;
        using var server = new ScriptedServer(request => request.Call switch
        {
            "registered-models/create" when ++creations == 1 => ScriptedAnswer.CutOff,
            "registered-models/create" => ScriptedAnswer.Error(400, "RESOURCE_ALREADY_EXISTS"),
            _ => creations < 2 ? ScriptedAnswer.Error(404, "RESOURCE_DOES_NOT_EXIST") : ScriptedAnswer.Ok(ModelJson),
        });
        var model = await Do(server, registry => registry.CreateModelAsync("cancer", "d", Tags("a", "b"), default));
        Assert.That(model.Name, Is.EqualTo("cancer"));
    }

    [Test]
    public async Task A_deletion_that_got_no_answer_is_done_when_nothing_is_there()
    {
        using var server = new ScriptedServer(request => request.Call switch
        {
            "registered-models/delete" => ScriptedAnswer.CutOff,
            _ => ScriptedAnswer.Error(404, "RESOURCE_DOES_NOT_EXIST"),
        });
        await Do(server, async registry =>
        {
            await registry.DeleteModelAsync("cancer", default);
            return true;
        });
        Assert.That(server.Count("registered-models/delete"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_renaming_that_got_no_answer_is_done_when_only_the_new_name_is_there()
    {
        using var server = new ScriptedServer(request => request.Call switch
        {
            "registered-models/rename" => ScriptedAnswer.CutOff,
            _ => request.Path.EndsWith("name=old", StringComparison.Ordinal)
                ? ScriptedAnswer.Error(404, "RESOURCE_DOES_NOT_EXIST")
                : ScriptedAnswer.Ok(ModelJson),
        });
        Assert.That((await Do(server, registry => registry.RenameModelAsync("old", "cancer", default))).Name, Is.EqualTo("cancer"));
        Assert.That(server.Count("registered-models/rename"), Is.EqualTo(1));
    }

    [Test]
    public void A_renaming_that_broke_off_in_the_middle_is_not_repeated()
    {
        using var server = new ScriptedServer(request => request.Call == "registered-models/rename"
            ? ScriptedAnswer.Error(500, "INTERNAL_ERROR", "First.")
            : ScriptedAnswer.Ok(ModelJson));
        var error = Assert.ThrowsAsync<ModelTrackException>(
            () => Do(server, registry => registry.RenameModelAsync("old", "cancer", default)));
        Assert.That(error!.Message, Does.Contain("First.").And.Contain("both 'old' and 'cancer'"));
        Assert.That(server.Count("registered-models/rename"), Is.EqualTo(1));
    }

    [Test]
    public void An_unknown_alias_is_refused_as_everything_that_is_missing()
    {
        var recording = RecordedExchange.Named("346-registered-models-alias-get-not-found");
        using var server = new ScriptedServer(_ => new ScriptedAnswer(recording.Status, recording.ResponseBody.GetRawText()));
        var error = Assert.ThrowsAsync<ModelTrackException>(
            () => Do(server, registry => registry.GetVersionByAliasAsync("my-model", "nope", default)));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(error.Message, Does.Contain("'nope'"));
    }

    [Test]
    public void A_server_older_than_aliases_is_named_as_such()
    {
        using var server = new ScriptedServer(_ => ScriptedAnswer.NoSuchRoute);
        foreach (var call in new Func<IModelRegistry, Task<object>>[]
        {
            async registry => await registry.GetVersionByAliasAsync("a", "b", default),
            async registry =>
            {
                await registry.SetAliasAsync("a", "b", 1, default);
                return true;
            },
            async registry =>
            {
                await registry.DeleteAliasAsync("a", "b", default);
                return true;
            },
        })
        {
            var error = Assert.ThrowsAsync<ModelTrackException>(() => Do(server, registry => new ValueTask<object>(call(registry))));
            Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.EndpointNotFound));
            Assert.That(error.Message, Does.Contain("2.3"));
        }
    }

    [Test]
    public async Task A_run_of_MLflow_3_has_its_logged_model_found_by_name_at_the_latest_step()
    {
        using var server = new ScriptedServer(request => ScriptedAnswer.Ok(request.Body.Contains("page_token", StringComparison.Ordinal)
            ? """{"models": [{"info": {"model_id": "m-2", "name": "model", "source_run_id": "r", "artifact_uri": "s3://2"}}]}"""
            : """
              {"models": [{"info": {"model_id": "m-1", "name": "model", "source_run_id": "r", "artifact_uri": "s3://1"}},
                          {"info": {"model_id": "m-0", "name": "model", "source_run_id": "other", "artifact_uri": "s3://0"}}],
               "next_page_token": "t"}
              """));
        using var sender = server.Sender();
        var run = new RunSnapshot { Id = "r", ExperimentId = "1", ModelOutputs = [new("m-1", 1), new("m-2", 5)] };
        var found = await new RestLoggedModels(new LoggedModelsApi(sender)).FindOfRunAsync(run, "model", default);
        Assert.That((found?.ModelId, found?.ArtifactUri, found?.SourceRunId), Is.EqualTo(("m-2", "s3://2", "r")));
        Assert.That(
            server.Requests[0].Body, Is.EqualTo("""{"experiment_ids":["1"],"filter":"name = \u0027model\u0027","max_results":50}"""));
    }

    [Test]
    public async Task A_server_before_MLflow_3_has_no_logged_models()
    {
        using var server = new ScriptedServer(_ => ScriptedAnswer.NoSuchRoute);
        using var sender = server.Sender();
        var models = new RestLoggedModels(new LoggedModelsApi(sender));
        Assert.That(await models.FindOfRunAsync(new RunSnapshot { Id = "r", ExperimentId = "1" }, "model", default), Is.Null);
        Assert.That(await models.FindAsync("m-1", default), Is.Null);
    }

    private static Dictionary<string, string> Tags(string key, string value) => new() { [key] = value };

    private static async Task<T> Do<T>(ScriptedServer server, Func<IModelRegistry, ValueTask<T>> call)
    {
        using var sender = server.Sender();
        using var registry = new RestModelRegistry(sender);
        return await call(registry);
    }
}
