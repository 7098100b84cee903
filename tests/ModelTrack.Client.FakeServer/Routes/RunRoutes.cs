using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Runs and their params and tags.</summary>
internal static class RunRoutes
{
    public const string NameTag = "mlflow.runName";

    public static readonly string[] Statuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

    private const string HistoryTag = "mlflow.log-model.history";

    private static readonly MessageType Create = new(
        Field.Text("experiment_id", Check.Text),
        Field.Text("user_id"),
        Field.Integer("start_time", Check.Integer),
        Field.Text("run_name", Check.Text),
        Field.Many("tags", Pairs.Type));

    private static readonly MessageType ById = new(Field.Text("run_id", Check.Required, Check.Text), Field.Text("run_uuid"));

    private static readonly MessageType Update = new(
        Field.Text("run_id", Check.Required, Check.Text),
        Field.Text("run_uuid"),
        Field.Integer("end_time", Check.Integer),
        Field.Enumeration("status", Statuses, Check.Text),
        Field.Text("run_name", Check.Text));

    private static readonly MessageType KeyAndValue = new(
        Field.Text("run_id", Check.Required, Check.Text),
        Field.Text("run_uuid"),
        Field.Text("key", Check.Required, Check.Text),
        Field.Text("value", Check.Text));

    private static readonly MessageType LogModel = new(
        Field.Text("run_id", Check.Text, Check.Required),
        Field.Text("model_json", Check.Text, Check.Required));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/runs/create", OnCreate);
        router.Api("GET", "/runs/get", OnGet);
        router.Api("POST", "/runs/update", OnUpdate);
        router.Api("POST", "/runs/delete", call => OnSetDeleted(call, deleted: true));
        router.Api("POST", "/runs/restore", call => OnSetDeleted(call, deleted: false));
        router.Api("POST", "/runs/log-parameter", OnLogParam);
        router.Api("POST", "/runs/set-tag", OnSetTag);
        router.Api("POST", "/runs/delete-tag", OnDeleteTag);
        router.Api("POST", "/runs/log-model", OnLogModel);
    }

    /// <summary>The id in a request, which old clients call <c>run_uuid</c>.</summary>
    public static string IdOf(Message request) => request.TextOrNull("run_id") ?? request.Text("run_uuid");

    /// <summary>A run, deleted or not.</summary>
    public static FakeRun Find(Call call, string id)
    {
        if (!call.IsSql)
        {
            Names.CheckRunId(id);
        }

        return call.State.RunStore.TryGetValue(id, out var run)
            ? run
            : throw FakeException.NotFound(call.IsSql ? $"Run with id={id} not found" : $"Run '{id}' not found");
    }

    public static FakeRun FindActive(Call call, string id)
    {
        var run = Find(call, id);
        return !run.IsDeleted ? run : throw FakeException.Invalid(
            call.IsSql
                ? $"The run {id} must be in the 'active' state. Current state is deleted."
                : $"The run {id} must be in 'active' lifecycle_stage.");
    }

    /// <summary>Sets a tag; the tag of the name and the name are one.</summary>
    public static void SetTag(Call call, FakeRun run, string key, string value)
    {
        if (key != NameTag)
        {
            CheckFree(call, run.TagStore.Keys, key);
            run.TagStore[key] = value;
            return;
        }

        if (value.Length > 0)
        {
            run.Name = value;
        }

        if (!call.IsSql || value.Length > 0)
        {
            run.TagStore[NameTag] = value;
        }
    }

    /// <summary>A param's value, cut to what is stored of it.</summary>
    public static string CheckParam(Call call, string key, string value, string path = "")
    {
        Names.CheckKey(key, path + "key", call.Version);
        Names.CheckLength("Param key", Names.MaxKeyLength, key);
        return Names.Truncate(value, call.Version.AtLeast(2, 8) ? 6000 : 500);
    }

    /// <summary>A tag's value, cut to what is stored of it.</summary>
    public static string CheckTag(Call call, string key, string value, string path = "")
    {
        Names.CheckKey(key, path + "key", call.Version);
        Names.CheckLength(path + "key", Names.MaxKeyLength, key);
        return Names.Truncate(value, call.Version.AtLeast(2, 17) ? 8000 : 5000);
    }

    /// <summary>Stores a param in a file, which keeps the value it has.</summary>
    public static void WriteParamFile(Call call, FakeRun run, string key, string value)
    {
        // The value there is read with line ends made one, the new one is not: a value with a carriage return conflicts with itself.
        if (run.ParamStore.TryGetValue(key, out var stored)
            && stored.ReplaceLineEndings("\n") is var current && current != value)
        {
            throw Conflict(run, key, current, value);
        }

        CheckFree(call, run.ParamStore.Keys, key);
        run.ParamStore[key] = value;
    }

    /// <summary>In a folder a key cannot be a file and a folder at once, as <c>a</c> and <c>a/b</c> would need.</summary>
    public static void CheckFree(Call call, IEnumerable<string> keys, string key)
    {
        if (!call.IsSql && keys.Any(other => other.StartsWith(key + "/", StringComparison.Ordinal)
            || key.StartsWith(other + "/", StringComparison.Ordinal)))
        {
            throw new ServerCrashException($"'{key}' is a folder, or lies below a file.");
        }
    }

    public static void WriteInfo(Utf8JsonWriter json, FakeRun run)
    {
        json.WriteString("run_uuid", run.Id);
        json.WriteString("experiment_id", run.ExperimentId);
        json.WriteString("run_name", run.Name);
        json.WriteString("user_id", run.UserId);
        json.WriteString("status", run.Status);
        json.WriteNumber("start_time", run.StartTime);
        json.WriteOptional("end_time", run.EndTime);
        json.WriteString("artifact_uri", run.ArtifactUri);
        json.WriteString("lifecycle_stage", run.IsDeleted ? "deleted" : "active");
        json.WriteString("run_id", run.Id);
    }

    public static void Write(Utf8JsonWriter json, Call call, FakeRun run, bool outputs = true)
    {
        json.WriteObject("info", w => WriteInfo(w, run));
        json.WriteObject("data", w =>
        {
            w.WriteList("metrics", run.MetricStore, (p, metric) =>
            {
                p.WriteString("key", metric.Key);
                MetricRoutes.WritePoint(p, metric.Value.Latest);
            });
            w.WritePairs("params", run.Params);
            w.WritePairs("tags", run.Tags);
        });
        if (call.Version.AtLeast(2, 4))
        {
            json.WriteObject("inputs", w => InputRoutes.WriteInputs(w, run));
        }

        if (outputs && call.Version.AtLeast(3, 0))
        {
            json.WriteObject("outputs", w => InputRoutes.WriteOutputs(w, run));
        }
    }

    private static FakeAnswer OnCreate(Call call)
    {
        var request = call.Read(Create);
        var experimentId = request.Text("experiment_id");
        var experiment = ExperimentRoutes.Find(call, experimentId);
        if (call.IsSql)
        {
            ExperimentRoutes.CheckActive(experiment);
        }
        else if (experiment.IsDeleted)
        {
            throw FakeException.InvalidState($"Could not create run under non-active experiment with ID {experimentId}.");
        }

        var tags = Pairs.Of(request.Many("tags"));
        var (given, tagged) = (request.Text("run_name"), tags.Find(tag => tag.Key == NameTag).Value ?? "");
        if (given.Length > 0 && tagged.Length > 0 && given != tagged)
        {
            throw FakeException.Invalid(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values"
                + $" (run_name='{given}', mlflow.runName='{tagged}').");
        }

        if (call.IsSql && experimentId.Length == 0)
        {
            throw FakeException.Database("FOREIGN KEY constraint failed");
        }

        if (call.IsSql && tags.DistinctBy(tag => tag.Key).Count() != tags.Count)
        {
            throw FakeException.Database("UNIQUE constraint failed: tags.key, tags.run_uuid");
        }

        var id = Guid.NewGuid().ToString("N");
        var run = new FakeRun
        {
            Id = id,
            ExperimentId = experimentId,
            Name = given.Length > 0 ? given : tagged.Length > 0 ? tagged : RandomNames.Next(),
            UserId = request.Text("user_id"),
            StartTime = request.Integer("start_time"),
            ArtifactUri = ArtifactPaths.Append(experiment.ArtifactLocation, $"{id}/artifacts"),
        };
        if (tagged.Length == 0)
        {
            tags.RemoveAll(tag => tag.Key == NameTag);
            tags.Add(KeyValuePair.Create(NameTag, run.Name));
        }

        foreach (var (key, value) in tags)
        {
            if (!call.IsSql)
            {
                Names.CheckKey(key, "key", call.Version);
            }

            run.TagStore[key] = value;
        }

        call.State.RunStore.Add(id, run);
        return Json.Answer(json => json.WriteObject("run", w => Write(w, call, run, outputs: !call.IsSql)));
    }

    private static FakeAnswer OnGet(Call call)
    {
        var run = Find(call, IdOf(call.Read(ById)));
        MetricRoutes.CheckReadable(run);
        return Json.Answer(json => json.WriteObject("run", w => Write(w, call, run)));
    }

    private static FakeAnswer OnUpdate(Call call)
    {
        var request = call.Read(Update);
        var run = FindActive(call, IdOf(request));
        if (request.Enumeration("status") is { } status)
        {
            run.Status = Statuses[status - 1];
        }

        if (request.Has("end_time") && (call.IsSql || request.Integer("end_time") != 0))
        {
            run.EndTime = request.Integer("end_time");
        }

        if (request.TextOrNull("run_name") is { } name)
        {
            SetTag(call, run, NameTag, name);
        }

        return Json.Answer(json => json.WriteObject("run_info", w => WriteInfo(w, run)));
    }

    private static FakeAnswer OnSetDeleted(Call call, bool deleted)
    {
        Find(call, call.Read(ById).Text("run_id")).IsDeleted = deleted;
        return Json.Empty;
    }

    private static FakeAnswer OnLogParam(Call call)
    {
        var request = call.Read(KeyAndValue);
        var key = request.Text("key");
        var value = CheckParam(call, key, request.Text("value"));
        var run = FindActive(call, IdOf(request));
        if (!call.IsSql)
        {
            WriteParamFile(call, run, key, value);
        }
        else if (!run.ParamStore.TryAdd(key, value) && run.ParamStore[key] != value)
        {
            throw Conflict(run, key, run.ParamStore[key], value);
        }

        return Json.Empty;
    }

    private static FakeAnswer OnSetTag(Call call)
    {
        var request = call.Read(KeyAndValue);
        var (key, value) = (request.Text("key"), request.Text("value"));
        if (call.IsSql)
        {
            value = CheckTag(call, key, value);
        }
        else
        {
            Names.CheckKey(key, "key", call.Version);
        }

        SetTag(call, FindActive(call, IdOf(request)), key, value);
        return Json.Empty;
    }

    private static FakeAnswer OnDeleteTag(Call call)
    {
        var request = call.Read(KeyAndValue);
        var (id, key) = (request.Text("run_id"), request.Text("key"));
        return FindActive(call, id).TagStore.Remove(key)
            ? Json.Empty
            : throw FakeException.NotFound($"No tag with name: {key} in run with id {id}");
    }

    private static FakeAnswer OnLogModel(Call call)
    {
        var request = call.Read(LogModel);
        var text = request.Text("model_json");
        JsonElement model;
        try
        {
            model = JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            throw FakeException.Invalid($"Malformed model info. \n {text} \n is not a valid JSON.");
        }

        string[] mandatory = ["artifact_path", "flavors", "utc_time_created", "run_id"];
        var missing = mandatory.Where(name => !model.TryGetProperty(name, out _)).ToList();
        if (missing.Count > 0)
        {
            throw FakeException.Invalid(
                $"Model json is missing mandatory fields: {{{string.Join(", ", missing.Select(PythonText.Quoted))}}}");
        }

        var run = FindActive(call, request.Text("run_id"));
        string[] kept = ["run_id", "artifact_path", "utc_time_created", "model_uuid", "flavors"];
        var entry = "{" + string.Join(", ", kept.Where(name => model.TryGetProperty(name, out _)).Select(
            name => $"{PythonText.Json(name)}: {model.GetProperty(name).GetRawText()}")) + "}";
        run.TagStore[HistoryTag] = run.TagStore.TryGetValue(HistoryTag, out var history)
            ? $"{history[..^1]}, {entry}]"
            : $"[{entry}]";
        return Json.Empty;
    }

    private static FakeException Conflict(FakeRun run, string key, string stored, string value) => FakeException.Invalid(
        $"Changing param values is not allowed. Param with key='{key}' was already logged with value='{stored}' for run ID='{run.Id}'."
        + $" Attempted logging new value '{value}'.");
}
