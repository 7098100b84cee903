using System.Buffers;

namespace ModelTrack.Client;

/// <summary>
/// MLflow's rules for the model registry, checked at the call. Every failure is an <see cref="ArgumentException"/> with the rule and the
/// offending value. See <see cref="Rules"/>.
/// </summary>
internal static class RegistryRules
{
    public const int MaxNameLength = 256;
    public const int MaxAliasLength = 255;
    public const int MaxTagValueLength = 100_000;

    /// <summary>The tag that makes a prompt of a registered model.</summary>
    public const string PromptTag = "mlflow.prompt.is_prompt";

    private static readonly SearchValues<char> AllowedInAliases = SearchValues.Create("-");

    /// <summary>A name that is to be given. Old servers have models with other names; those can be read.</summary>
    public static void CheckNewModelName(string name)
    {
        CheckModelName(name);
        if (name.AsSpan().IndexOfAny('/', ':', '\0') is >= 0 and var index)
        {
            throw new ArgumentException(
                $"A registered model's name holds neither '/' nor ':', but {Excerpt.Of(name)} has {Excerpt.CharacterAt(name, index)} "
                + $"at index {index}.",
                nameof(name));
        }

        if (!Rules.IsNormalPath(name))
        {
            throw new ArgumentException(
                $"A registered model's name can be neither '.' nor begin with '..', as {Excerpt.Of(name)} does.", nameof(name));
        }
    }

    public static void CheckModelName(string name) => Rules.CheckName(name, MaxNameLength, "registered model's name", nameof(name));

    public static void CheckVersion(int version)
    {
        if (version < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(version), version, "The first version of a registered model is 1.");
        }
    }

    /// <summary>An alias that is to be set or asked for.</summary>
    public static void CheckAlias(string alias)
    {
        CheckAnyAlias(alias);
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                "The alias 'latest' is reserved in MLflow; the latest versions come from GetLatestVersionsAsync.", nameof(alias));
        }

        if (alias.Length > 1 && alias[0] is 'v' or 'V' && alias.Skip(1).All(char.IsDigit))
        {
            throw new ArgumentException(
                $"{Excerpt.Of(alias)} is reserved in MLflow: an alias cannot look like a version. GetVersionAsync takes the number.",
                nameof(alias));
        }
    }

    /// <summary>An alias that is to be removed: a reserved one may be there from before it was reserved.</summary>
    public static void CheckAnyAlias(string alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        if (alias.Length == 0)
        {
            throw new ArgumentException("An alias must not be empty.", nameof(alias));
        }

        Rules.CheckCharacters(alias, AllowedInAliases, "letters, digits, '_' and '-'", "alias", nameof(alias));
        Rules.CheckText(alias, MaxAliasLength, "alias", nameof(alias));
    }

    public static void CheckTag(string key, string value)
    {
        Rules.CheckTagKey(key);
        Rules.CheckText(value, MaxTagValueLength, "tag value", nameof(value));
    }

    /// <summary>Tags of a new model or version, which must not make a prompt of it.</summary>
    public static void CheckNewTags(IReadOnlyDictionary<string, string>? tags)
    {
        foreach (var (key, value) in tags ?? new Dictionary<string, string>())
        {
            CheckTag(key, value);
            if (key == PromptTag)
            {
                throw new ArgumentException(
                    $"The tag '{PromptTag}' belongs to prompts, which cannot be registered as models.", nameof(tags));
            }
        }
    }

    public static void CheckDescription(string description)
    {
        ArgumentNullException.ThrowIfNull(description);
        Rules.CheckText(description, int.MaxValue, "description", nameof(description));
    }

    public static void CheckSource(string source) => Rules.CheckName(source, int.MaxValue, "model version's source", nameof(source));

    public static void CheckModelId(string modelId) => Rules.CheckId(modelId, 256, "model id", nameof(modelId));

    public static void CheckStage(ModelStage stage)
    {
        if (!Enum.IsDefined(stage))
        {
            throw new ArgumentOutOfRangeException(nameof(stage), stage, "A stage is None, Staging, Production or Archived.");
        }
    }

    /// <summary>Servers answer this mistake with an error of their own (500), as if they had failed.</summary>
    public static void CheckArchiving(ModelStage stage)
    {
        if (stage is not (ModelStage.Staging or ModelStage.Production))
        {
            throw new ArgumentException(
                $"Only versions in Staging or Production can be archived because another comes; {stage} has room for all.", nameof(stage));
        }
    }
}
