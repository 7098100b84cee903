using System.Globalization;
using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>Finds and writes registered models and their versions.</summary>
internal static class RegistryLookup
{
    public static readonly string[] Stages = ["None", "Staging", "Production", "Archived"];

    public static FakeRegisteredModel FindModel(Call call, string name)
    {
        CheckModelName(call, name);
        return call.State.RegisteredModelStore.TryGetValue(name, out var model)
            ? model
            : throw FakeException.NotFound($"Registered Model with name={name} not found");
    }

    public static FakeModelVersion FindVersion(Call call, string name, string version)
    {
        CheckModelName(call, name);
        var number = ParseVersion(version);
        return call.State.RegisteredModelStore.TryGetValue(name, out var model)
            && model.VersionStore.Find(v => v.Version == number && !v.IsDeleted) is { } found
                ? found
                : throw FakeException.NotFound($"Model Version (name={name}, version={version}) not found");
    }

    public static int ParseVersion(string version)
        => int.TryParse(version, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw FakeException.Invalid($"Parameter 'version' must be an integer, got '{version}'.");

    public static void CheckModelName(Call call, string name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw FakeException.Invalid("Missing value for required parameter 'name'.");
        }

        if (call.IsSql && !call.Version.AtLeast(3, 0))
        {
            return;
        }

        if (name.Contains('/') || name.Contains(':'))
        {
            throw FakeException.Invalid($"Invalid model name '{name}'. Names cannot contain '/' or ':'.");
        }

        Names.CheckPath(name, "name");
        if (!call.IsSql && name.Contains('%'))
        {
            throw FakeException.Invalid($"Invalid name: '{name}'. Registered model name cannot be empty, or contain '%' or a path separator.");
        }
    }

    public static string CanonicalStage(string stage)
        => Array.Find(Stages, s => s.Equals(stage, StringComparison.OrdinalIgnoreCase))
            ?? throw FakeException.Invalid($"Invalid Model Version stage: {stage}. Value must be one of {string.Join(", ", Stages)}.");

    /// <summary>The latest version of every stage, in the order in which the stages come up.</summary>
    public static List<FakeModelVersion> LatestVersions(FakeRegisteredModel model)
        => [.. model.Versions.Where(v => !v.IsDeleted).GroupBy(v => v.Stage).Select(group => group.MaxBy(v => v.Version)!)];

    public static void WriteModel(Utf8JsonWriter json, Call call, FakeRegisteredModel model, bool stagesByName = false)
    {
        json.WriteString("name", model.Name);
        json.WriteNumber("creation_timestamp", model.CreationTime);
        json.WriteNumber("last_updated_timestamp", model.LastUpdateTime);
        json.WriteOptional("description", model.Description.Length > 0 ? model.Description : null);
        var latest = LatestVersions(model);
        json.WriteList(
            "latest_versions",
            stagesByName ? [.. latest.OrderBy(v => v.Stage, StringComparer.Ordinal)] : latest,
            (w, version) => WriteVersion(w, call, version, aliases: !call.IsSql));
        json.WritePairs("tags", model.Tags);
        if (call.Version.AtLeast(2, 3))
        {
            json.WriteList("aliases", model.Aliases, (w, alias) =>
            {
                w.WriteString("alias", alias.Key);
                w.WriteString("version", alias.Value);
            });
        }
    }

    public static void WriteVersion(Utf8JsonWriter json, Call call, FakeModelVersion version, bool aliases = true)
    {
        json.WriteString("name", version.Name);
        json.WriteString("version", version.Version.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("creation_timestamp", version.CreationTime);
        json.WriteNumber("last_updated_timestamp", version.LastUpdateTime);
        json.WriteString("current_stage", version.Stage);
        json.WriteOptional("description", version.Description);
        json.WriteString("source", version.Source);
        json.WriteString("run_id", version.RunId);
        json.WriteString("status", "READY");
        json.WritePairs("tags", version.Tags);
        json.WriteString("run_link", version.RunLink);
        var number = version.Version.ToString(CultureInfo.InvariantCulture);
        var names = call.State.RegisteredModelStore[version.Name].Aliases.Where(a => a.Value == number).Select(a => a.Key).ToList();
        if (aliases && names.Count > 0 && call.Version.AtLeast(2, 3))
        {
            json.WriteStartArray("aliases");
            names.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }
    }

    public static FakeAnswer Answer(Call call, FakeRegisteredModel model)
        => Json.Answer(json => json.WriteObject("registered_model", w => WriteModel(w, call, model)));

    public static FakeAnswer Answer(Call call, FakeModelVersion version)
        => Json.Answer(json => json.WriteObject("model_version", w => WriteVersion(w, call, version)));

    /// <summary>A file store notes that the model changed where a database does not: with tags and aliases.</summary>
    public static void TouchFile(Call call, FakeRegisteredModel model)
    {
        if (!call.IsSql)
        {
            model.LastUpdateTime = call.Now;
        }
    }
}
