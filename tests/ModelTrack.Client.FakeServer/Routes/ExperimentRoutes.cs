using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Experiments, but for their search.</summary>
internal static class ExperimentRoutes
{
    private static readonly MessageType Create = new(
        Field.Text("name", Check.Required, Check.Text),
        Field.Text("artifact_location", Check.Text),
        Field.Many("tags", Pairs.Type, Check.List));

    private static readonly MessageType ById = new(Field.Text("experiment_id", Check.Required, Check.Text));

    private static readonly MessageType ByName = new(Field.Text("experiment_name", Check.Required, Check.Text));

    private static readonly MessageType Rename = new(
        Field.Text("experiment_id", Check.Required, Check.Text),
        Field.Text("new_name", Check.Text, Check.Required));

    private static readonly MessageType SetTag = new(
        Field.Text("experiment_id", Check.Required, Check.Text),
        Field.Text("key", Check.Required, Check.Text),
        Field.Text("value", Check.Text));

    private static readonly MessageType DeleteTag = new(
        Field.Text("experiment_id", Check.Required, Check.Text),
        Field.Text("key", Check.Required, Check.Text));

    public static void AddTo(Router router)
    {
        router.Api("POST", "/experiments/create", OnCreate);
        router.Api("GET", "/experiments/get", OnGet);
        router.Api("GET", "/experiments/get-by-name", OnGetByName);
        router.Api("POST", "/experiments/update", OnRename);
        router.Api("POST", "/experiments/delete", OnDelete);
        router.Api("POST", "/experiments/restore", OnRestore);
        router.Api("POST", "/experiments/set-experiment-tag", OnSetTag);
        router.Api("POST", "/experiments/delete-experiment-tag", OnDeleteTag, since: "3.2");
    }

    /// <summary>An experiment, deleted or not.</summary>
    public static FakeExperiment Find(Call call, string id)
    {
        if (call.IsSql)
        {
            id = id.Length == 0 ? FakeState.DefaultExperimentId : id;
            if (!long.TryParse(id, out _) && call.Version.AtLeast(3, 0))
            {
                throw FakeException.Invalid($"Invalid experiment ID '{id}'. Experiment ID must be a valid integer.");
            }

            return call.State.ExperimentStore.TryGetValue(id, out var stored)
                ? stored
                : throw FakeException.NotFound($"No Experiment with id={id} exists");
        }

        if (id.Length is 0 or > 64 || !char.IsAsciiLetterOrDigit(id[0]))
        {
            throw FakeException.Invalid($"Invalid experiment ID: '{id}'");
        }

        return call.State.ExperimentStore.TryGetValue(id, out var found)
            ? found
            : throw FakeException.NotFound($"Could not find experiment with ID {id}");
    }

    public static void CheckActive(FakeExperiment experiment)
    {
        if (experiment.IsDeleted)
        {
            throw FakeException.Invalid($"The experiment {experiment.Id} must be in the 'active' state. Current state is deleted.");
        }
    }

    public static void Write(Utf8JsonWriter json, FakeExperiment experiment)
    {
        json.WriteString("experiment_id", experiment.Id);
        json.WriteString("name", experiment.Name);
        json.WriteString("artifact_location", experiment.ArtifactLocation);
        json.WriteString("lifecycle_stage", experiment.IsDeleted ? "deleted" : "active");
        json.WriteNumber("last_update_time", experiment.LastUpdateTime);
        json.WriteNumber("creation_time", experiment.CreationTime);
        json.WritePairs("tags", experiment.Tags);
    }

    private static FakeAnswer OnCreate(Call call)
    {
        var request = call.Read(Create);
        var (name, location) = (request.Text("name"), request.Text("artifact_location"));
        CheckLocation(location);
        CheckName(call, name);
        if (FindByName(call, name) is { } other)
        {
            throw FakeException.Exists(AlreadyExists(call, other));
        }

        var (id, now) = (call.State.NewExperimentId(), call.Now);
        var experiment = new FakeExperiment
        {
            Id = id,
            Name = name,
            ArtifactLocation = location.Length > 0 ? location : $"{call.State.ArtifactRoot}/{id}",
            CreationTime = now,
            LastUpdateTime = now,
        };
        foreach (var (key, value) in Pairs.Of(request.Many("tags")))
        {
            if (!call.IsSql)
            {
                Names.CheckKey(key, "key", call.Version);
            }

            experiment.TagStore[key] = value;
        }

        call.State.ExperimentStore.Add(id, experiment);
        return Json.Answer(json => json.WriteString("experiment_id", id));
    }

    private static FakeAnswer OnGet(Call call)
    {
        var experiment = Find(call, call.Read(ById).Text("experiment_id"));
        return Json.Answer(json => json.WriteObject("experiment", w => Write(w, experiment)));
    }

    private static FakeAnswer OnGetByName(Call call)
    {
        var name = call.Read(ByName).Text("experiment_name");
        var experiment = FindByName(call, name) ?? throw FakeException.NotFound($"Could not find experiment with name '{name}'");
        return Json.Answer(json => json.WriteObject("experiment", w => Write(w, experiment)));
    }

    private static FakeAnswer OnRename(Call call)
    {
        var request = call.Read(Rename);
        var name = request.Text("new_name");
        CheckName(call, name);
        var experiment = Find(call, request.Text("experiment_id"));
        var other = FindByName(call, name);
        if (call.IsSql)
        {
            if (experiment.IsDeleted)
            {
                throw FakeException.InvalidState("Cannot rename a non-active experiment.");
            }

            if (other is not null && other != experiment)
            {
                throw FakeException.Database("UNIQUE constraint failed: experiments.workspace, experiments.name");
            }
        }
        else if (other is not null)
        {
            throw FakeException.Exists(AlreadyExists(call, other));
        }
        else if (experiment.IsDeleted)
        {
            throw new ServerCrashException("Cannot rename experiment in non-active lifecycle stage.");
        }

        experiment.Name = name;
        experiment.LastUpdateTime = call.Now;
        return Json.Empty;
    }

    private static FakeAnswer OnDelete(Call call)
    {
        var id = call.Read(ById).Text("experiment_id");
        if (!call.IsSql && id == FakeState.DefaultExperimentId)
        {
            throw FakeException.Internal(
                "Cannot delete the default experiment '0'. This is an internally reserved experiment.");
        }

        var experiment = Find(call, id);
        if (experiment.IsDeleted)
        {
            throw Missing(call, id, "experiment");
        }

        SetDeleted(call, experiment, deleted: true);
        return Json.Empty;
    }

    private static FakeAnswer OnRestore(Call call)
    {
        var id = call.Read(ById).Text("experiment_id");
        if (!call.State.ExperimentStore.TryGetValue(id, out var experiment) || !experiment.IsDeleted)
        {
            throw Missing(call, id, "deleted experiment");
        }

        SetDeleted(call, experiment, deleted: false);
        return Json.Empty;
    }

    private static FakeAnswer OnSetTag(Call call)
    {
        var request = call.Read(SetTag);
        var (key, value) = (request.Text("key"), request.Text("value"));
        Names.CheckKey(key, "key", call.Version);
        if (call.IsSql)
        {
            Names.CheckLength("key", Names.MaxKeyLength, key);
            Names.CheckLength("value", 5000, value);
        }

        var experiment = FindForTags(call, request.Text("experiment_id"), "set");
        experiment.TagStore[key] = value;
        return Json.Empty;
    }

    private static FakeAnswer OnDeleteTag(Call call)
    {
        var request = call.Read(DeleteTag);
        var key = request.Text("key");
        var experiment = FindForTags(call, request.Text("experiment_id"), "delete");
        if (!call.IsSql)
        {
            Names.CheckKey(key, "key", call.Version);
        }

        return experiment.TagStore.Remove(key)
            ? Json.Empty
            : throw FakeException.NotFound($"No tag with name: {key} in experiment with id {experiment.Id}");
    }

    private static FakeExperiment FindForTags(Call call, string id, string action)
    {
        var experiment = Find(call, id);
        if (call.IsSql)
        {
            CheckActive(experiment);
        }
        else if (experiment.IsDeleted)
        {
            throw FakeException.Invalid($"The experiment {id} must be in the 'active' lifecycle_stage to {action} tags");
        }

        return experiment;
    }

    private static void SetDeleted(Call call, FakeExperiment experiment, bool deleted)
    {
        experiment.IsDeleted = deleted;
        experiment.LastUpdateTime = call.Now;
        foreach (var run in call.State.RunStore.Values.Where(run => run.ExperimentId == experiment.Id))
        {
            run.IsDeleted = deleted;
        }
    }

    private static FakeException Missing(Call call, string id, string what)
        => FakeException.NotFound(call.IsSql ? $"No Experiment with id={id} exists" : $"Could not find {what} with ID {id}");

    private static FakeExperiment? FindByName(Call call, string name)
        => call.State.ExperimentStore.Values.FirstOrDefault(experiment => experiment.Name == name);

    private static string AlreadyExists(Call call, FakeExperiment other)
        => call.IsSql
            ? $"Experiment(name={other.Name}) already exists. Error: (sqlite3.IntegrityError) UNIQUE constraint failed:"
                + " experiments.workspace, experiments.name"
            : other.IsDeleted
                ? $"Experiment {PythonText.Quoted(other.Name)} already exists in deleted state. You can restore the experiment, or"
                    + " permanently delete the experiment from the .trash folder (under tracking server's root folder) in order to use"
                    + " this experiment name again."
                : $"Experiment '{other.Name}' already exists.";

    private static void CheckName(Call call, string name)
    {
        if (call.Version.AtLeast(2, 15))
        {
            Names.CheckLength("name", 500, name);
        }
    }

    private static void CheckLocation(string location)
    {
        var path = location.Split('?')[0];
        if (location.Contains('#') || (path.Contains(';') && path.LastIndexOf(';') > path.LastIndexOf('/')))
        {
            throw FakeException.Invalid("'artifact_location' URL can't include fragments or params.");
        }

        if (location.StartsWith("runs:", StringComparison.Ordinal))
        {
            throw FakeException.Invalid($"Artifact location cannot be a runs:/ URI. Given: '{location}'");
        }

        if (Names.Length(location) > 2048)
        {
            throw FakeException.Invalid(
                "Invalid artifact path length. The length of the artifact path cannot be greater than 2048 characters. To configure this"
                + " limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable.");
        }
    }
}
