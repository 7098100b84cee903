using System.Buffers;
using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Logged models, but for their search.</summary>
internal static class LoggedModelRoutes
{
    public static readonly string[] Statuses = ["LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"];

    private const string Since = "3.0";

    private static readonly SearchValues<char> ForbiddenInNames = SearchValues.Create("/:.%\"'");

    private static readonly MessageType Create = new(
        Field.Text("experiment_id", Check.Text, Check.Required),
        Field.Text("name", Check.Text),
        Field.Text("model_type", Check.Text),
        Field.Text("source_run_id", Check.Text),
        Field.Many("params", Pairs.Type, Check.List),
        Field.Many("tags", Pairs.Type, Check.List));

    private static readonly MessageType Finalize = new(
        Field.Text("model_id", Check.Text, Check.Required),
        Field.Enumeration("status", Statuses, Check.Integer, Check.Required));

    private static readonly MessageType LogParams = new(
        Field.Text("model_id", Check.Text, Check.Required),
        Field.Many("params", Pairs.Type, Check.List));

    private static readonly MessageType SetTags = new(Field.Many("tags", Pairs.Type, Check.List));

    private static readonly MessageType ListFiles = new(Field.Text("artifact_directory_path", Check.Text));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/logged-models", OnCreate, Since);
        router.Api("GET", "/logged-models/{id}", OnGet, Since);
        router.Api("PATCH", "/logged-models/{id}", OnFinalize, Since);
        router.Api("DELETE", "/logged-models/{id}", OnDelete, Since);
        router.Api("POST", "/logged-models/{id}/params", OnLogParams, Since);
        router.Api("PATCH", "/logged-models/{id}/tags", OnSetTags, Since);
        router.Api("DELETE", "/logged-models/{id}/tags/{key}", OnDeleteTag, Since);
        router.Api("GET", "/logged-models/{id}/artifacts/directories", OnListFiles, Since);
        router.Add("GET", "/ajax-api/2.0/mlflow/logged-models/{id}/artifacts/files", OnDownload, Since);
    }

    /// <summary>A logged model that is not deleted.</summary>
    public static FakeLoggedModel Find(Call call, string id) => Find(call, id, deletedToo: false);

    public static void Write(Utf8JsonWriter json, Call call, FakeLoggedModel model)
    {
        json.WriteObject("info", w =>
        {
            w.WriteString("model_id", model.Id);
            w.WriteString("experiment_id", model.ExperimentId);
            w.WriteString("name", model.Name);
            w.WriteNumber("creation_timestamp_ms", model.CreationTime);
            w.WriteNumber("last_updated_timestamp_ms", model.LastUpdateTime);
            w.WriteString("artifact_uri", model.ArtifactLocation);
            w.WriteString("status", Statuses[model.Status - 1]);
            w.WriteString("model_type", model.ModelType);
            w.WriteString("source_run_id", model.SourceRunId);
            w.WritePairs("tags", model.Tags);
        });
        json.WriteObject("data", w =>
        {
            w.WritePairs("params", model.Params);
            w.WriteList("metrics", MetricsOf(call, model), (m, metric) =>
            {
                m.WriteString("key", metric.Key);
                MetricRoutes.WritePoint(m, metric.Point);
                m.WriteOptional("dataset_name", metric.DatasetName);
                m.WriteOptional("dataset_digest", metric.DatasetDigest);
                m.WriteString("model_id", model.Id);
                m.WriteString("run_id", metric.RunId);
            });
        });
    }

    private static IEnumerable<FakeModelMetric> MetricsOf(Call call, FakeLoggedModel model)
        => call.IsSql ? model.Metrics : model.Metrics
            .GroupBy(metric => (metric.Key, metric.DatasetName, metric.DatasetDigest))
            .Select(group => group.MaxBy(metric => (metric.Point.Step, metric.Point.Timestamp, metric.Point.Value))!);

    private static FakeAnswer OnCreate(Call call)
    {
        var request = call.Read(Create);
        var name = request.TextOrNull("name");
        if (name is not null && name.AsSpan().ContainsAny(ForbiddenInNames))
        {
            throw FakeException.Invalid(
                $"Invalid model name ({PythonText.Quoted(name)}) provided. Model name must be a non-empty string and cannot contain the"
                + " following characters: ('/', ':', '.', '%', '\"', \"'\")");
        }

        var experiment = ExperimentRoutes.Find(call, request.Text("experiment_id"));
        if (call.IsSql)
        {
            ExperimentRoutes.CheckActive(experiment);
        }
        else if (experiment.IsDeleted)
        {
            throw FakeException.InvalidState($"Could not create model under non-active experiment with ID {experiment.Id}.");
        }

        var (id, now) = ("m-" + Guid.NewGuid().ToString("N"), call.Now);
        var model = new FakeLoggedModel
        {
            Id = id,
            ExperimentId = experiment.Id,
            Name = name ?? RandomNames.Next(),
            ArtifactLocation = ArtifactPaths.Append(experiment.ArtifactLocation, $"models/{id}/artifacts"),
            ModelType = request.Text("model_type"),
            SourceRunId = request.Text("source_run_id"),
            CreationTime = now,
            LastUpdateTime = now,
        };
        AddParams(call, model, Pairs.Of(request.Many("params")));
        foreach (var (key, value) in Pairs.Of(request.Many("tags")))
        {
            model.TagStore[key] = value;
        }

        call.State.LoggedModelStore.Add(id, model);
        return Answer(call, model);
    }

    private static FakeAnswer OnGet(Call call)
    {
        var deletedToo = "true".Equals(call.QueryValue("allow_deleted"), StringComparison.OrdinalIgnoreCase);
        return Answer(call, Find(call, call.Route["id"], deletedToo));
    }

    private static FakeAnswer OnFinalize(Call call)
    {
        var request = call.Read(Finalize);

        // A database finds deleted models here, as it does for params and tags.
        var model = Find(call, request.Text("model_id"), deletedToo: call.IsSql);
        model.Status = request.Enumeration("status") ?? 1;
        model.LastUpdateTime = call.Now;
        return Answer(call, model);
    }

    private static FakeAnswer OnDelete(Call call)
    {
        var model = Find(call, call.Route["id"], deletedToo: call.IsSql);
        model.IsDeleted = true;
        model.LastUpdateTime = call.Now;
        return Json.Empty;
    }

    private static FakeAnswer OnLogParams(Call call)
    {
        var request = call.Read(LogParams);
        AddParams(call, Find(call, call.Route["id"], deletedToo: call.IsSql), Pairs.Of(request.Many("params")));
        return Json.Empty;
    }

    private static FakeAnswer OnSetTags(Call call)
    {
        var tags = Pairs.Of(call.Read(SetTags).Many("tags"));
        var model = Find(call, call.Route["id"], deletedToo: call.IsSql);
        foreach (var (key, value) in tags)
        {
            if (!call.IsSql)
            {
                Names.CheckKey(key, "key", call.Version);
            }

            model.TagStore[key] = value;
        }

        return Json.Empty;
    }

    private static FakeAnswer OnDeleteTag(Call call)
    {
        var (id, key) = (call.Route["id"], call.Route["key"]);
        return Find(call, id, deletedToo: call.IsSql).TagStore.Remove(key)
            ? Json.Empty
            : throw FakeException.NotFound($"No tag with key {PythonText.Quoted(key)} found for model with ID {PythonText.Quoted(id)}.");
    }

    private static FakeAnswer OnListFiles(Call call)
    {
        var request = call.Read(ListFiles);
        var path = request.Has("artifact_directory_path") ? ArtifactPaths.Check(request.Text("artifact_directory_path")) : null;
        var model = Find(call, call.Route["id"]);
        return Json.Answer(json =>
        {
            json.WriteString("root_uri", model.ArtifactLocation);
            ArtifactRoutes.WriteFiles(json, call, model.ArtifactLocation, path);
        });
    }

    private static FakeAnswer OnDownload(Call call)
    {
        var path = call.QueryValue("artifact_file_path") is { Length: > 0 } asked
            ? ArtifactPaths.Check(asked)
            : throw new FakeException("BAD_REQUEST", "Request must include the \"artifact_file_path\" query parameter.");
        return ArtifactRoutes.Download(call, Find(call, call.Route["id"]).ArtifactLocation, path);
    }

    private static void AddParams(Call call, FakeLoggedModel model, List<KeyValuePair<string, string>> added)
    {
        if (call.IsSql && (added.DistinctBy(p => p.Key).Count() != added.Count || added.Exists(p => model.ParamStore.ContainsKey(p.Key))))
        {
            throw FakeException.Database("UNIQUE constraint failed: logged_model_params.model_id, logged_model_params.param_key");
        }

        foreach (var (key, value) in added)
        {
            if (!call.IsSql)
            {
                RunRoutes.CheckParam(call, key, value);
            }

            model.ParamStore[key] = value;
        }
    }

    private static FakeLoggedModel Find(Call call, string id, bool deletedToo)
        => call.State.LoggedModelStore.TryGetValue(id, out var model) && (deletedToo || !model.IsDeleted)
            ? model
            : throw FakeException.NotFound(call.IsSql ? $"Logged model with ID '{id}' not found." : $"Model '{id}' not found");

    private static FakeAnswer Answer(Call call, FakeLoggedModel model)
        => Json.Answer(json => json.WriteObject("model", w => Write(w, call, model)));
}
