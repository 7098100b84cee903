using System.Globalization;

namespace ModelTrack.Client.Backends.Files;

/// <summary>What the registry's <c>meta.yaml</c> files say, and what new ones begin with.</summary>
internal static class RegistryMeta
{
    /// <summary>The stage of a deleted version, whose folder stays so that its number is not given again.</summary>
    private const string DeletedStage = "Deleted_Internal";

    public static MetaYaml NewModel(string name, string? description, long now)
    {
        var yaml = new MetaYaml();
        yaml.Set("aliases", YamlMapping.Empty);
        yaml.Set("creation_timestamp", now);
        yaml.Set("deployment_job_id", (long?)null);
        yaml.Set("deployment_job_state", (long?)null);
        SetText(yaml, "description", description);
        yaml.Set("last_updated_timestamp", now);
        yaml.Set("name", name);
        yaml.Set("workspace", "default");
        return yaml;
    }

    public static MetaYaml NewVersion(VersionCreation creation, int version, string storageLocation, string? runId, long now)
    {
        var yaml = new MetaYaml();
        yaml.Set("creation_timestamp", now);
        yaml.Set("current_stage", nameof(ModelStage.None));
        yaml.Set("deployment_job_state", (long?)null);
        SetText(yaml, "description", creation.Description);
        yaml.Set("last_updated_timestamp", now);
        SetText(yaml, "model_id", creation.ModelId);
        yaml.Set("name", creation.Name);
        SetText(yaml, "run_id", runId);
        SetText(yaml, "run_link", creation.RunLink);
        yaml.Set("source", creation.Source);
        yaml.Set("status", "READY");
        yaml.Set("status_message", (long?)null);
        yaml.Set("storage_location", storageLocation);
        yaml.Set("user_id", (long?)null);
        yaml.Set("version", version);
        yaml.Set("workspace", "default");
        return yaml;
    }

    /// <summary>The model without its tags, aliases and versions.</summary>
    /// <exception cref="InvalidDataException">It is no registered model's.</exception>
    public static RegisteredModel ToModel(MetaYaml yaml, string modelFolder) => new()
    {
        Name = yaml.GetText("name") ?? Path.GetFileName(modelFolder),
        CreationTime = GetTime(yaml, "creation_timestamp"),
        LastUpdateTime = GetTime(yaml, "last_updated_timestamp"),
        Description = yaml.GetText("description").OrNull(),
    };

    public static bool IsDeleted(MetaYaml yaml) => yaml.GetText("current_stage") == DeletedStage;

    public static void SetDeleted(MetaYaml yaml) => yaml.Set("current_stage", DeletedStage);

    public static void SetStage(MetaYaml yaml, ModelStage stage) => yaml.Set("current_stage", stage.ToString());

    /// <summary>The version without its tags and aliases.</summary>
    /// <exception cref="InvalidDataException">It is no version's.</exception>
    public static ModelVersion ToVersion(MetaYaml yaml, string modelName, int version)
    {
        if (yaml.GetInteger("version") is { } written && written != version)
        {
            throw new InvalidDataException($"It is of version {written}, not of the one in whose folder it lies.");
        }

        return new ModelVersion
        {
            Name = modelName,
            Version = version,
            CreationTime = GetTime(yaml, "creation_timestamp"),
            LastUpdateTime = GetTime(yaml, "last_updated_timestamp"),
            Stage = GetStage(yaml),
            Description = yaml.GetText("description").OrNull(),
            Source = yaml.GetText("source") ?? "",
            RunId = yaml.GetText("run_id").OrNull(),
            ModelId = yaml.GetText("model_id").OrNull(),
            Status = GetStatus(yaml),
            StatusMessage = yaml.GetText("status_message").OrNull(),
            RunLink = yaml.GetText("run_link").OrNull(),
        };
    }

    public static string GetDownloadUri(MetaYaml yaml) => yaml.GetText("storage_location").OrNull() ?? yaml.GetText("source") ?? "";

    /// <summary>MLflow keeps a copy of the aliases here, and reads the folder.</summary>
    public static void SetAliases(MetaYaml yaml, IReadOnlyDictionary<string, int> aliases)
        => yaml.Set("aliases", new YamlMapping([.. aliases.OrderBy(alias => alias.Key, StringComparer.Ordinal).Select(alias =>
            new KeyValuePair<string, YamlNode>(
                alias.Key, new YamlScalar(alias.Value.ToString(CultureInfo.InvariantCulture), isPlain: false)))]));

    private static void SetText(MetaYaml yaml, string key, string? value)
    {
        if (value is null)
        {
            yaml.Set(key, (long?)null);
        }
        else
        {
            yaml.Set(key, value);
        }
    }

    private static DateTimeOffset GetTime(MetaYaml yaml, string key) => yaml.GetTime(key) ?? DateTimeOffset.UnixEpoch;

    private static ModelStage GetStage(MetaYaml yaml) => yaml.GetText("current_stage") switch
    {
        null or "None" => ModelStage.None,
        "Staging" => ModelStage.Staging,
        "Production" => ModelStage.Production,
        "Archived" => ModelStage.Archived,
        var other => throw new InvalidDataException($"Its stage '{other}' is unknown."),
    };

    private static ModelVersionStatus GetStatus(MetaYaml yaml) => yaml.GetText("status") switch
    {
        null or "READY" => ModelVersionStatus.Ready,
        "PENDING_REGISTRATION" => ModelVersionStatus.PendingRegistration,
        "FAILED_REGISTRATION" => ModelVersionStatus.FailedRegistration,
        var other => throw new InvalidDataException($"Its status '{other}' is unknown."),
    };
}
