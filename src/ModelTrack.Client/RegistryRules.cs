using System.Buffers;

namespace ModelTrack.Client;

/// <summary>MLflow's rules for what the model registry holds.</summary>
internal static class RegistryRules
{
    public const int MaxTagValueLength = 100_000;
    public const int MaxAliasLength = 255;

    private static readonly string[] Stages = ["None", "Staging", "Production", "Archived"];
    private static readonly SearchValues<char> NotInModelNames = SearchValues.Create("/:");
    private static readonly SearchValues<char> NotInLoggedModelNames = SearchValues.Create("/:.%\"'");

    public static void CheckModelName(string name)
    {
        CheckWithout(name, NotInModelNames, "registered model's name", nameof(name));
        if (!Rules.IsNormalPath(name))
        {
            throw new ArgumentException($"A registered model's name must not be a path such as {Excerpt.Of(name)}.", nameof(name));
        }
    }

    /// <summary>A name in the logged models of MLflow 3.</summary>
    public static void CheckLoggedModelName(string name) => CheckWithout(name, NotInLoggedModelNames, "logged model's name", nameof(name));

    public static void CheckTag(string key, string value)
    {
        Rules.CheckTagKey(key);
        Rules.CheckText(value, MaxTagValueLength, "tag value", nameof(value));
    }

    public static void CheckAlias(string alias)
    {
        Rules.CheckName(alias, MaxAliasLength, "alias", nameof(alias));
        Rules.CheckWord(alias, "alias", nameof(alias));
        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase)
            || (alias.Length > 1 && alias[0] is 'v' or 'V' && !alias.AsSpan(1).ContainsAnyExceptInRange('0', '9')))
        {
            throw new ArgumentException(
                $"The alias {Excerpt.Of(alias)} is reserved: 'latest', and 'v' with a number, stand for versions.", nameof(alias));
        }
    }

    /// <summary>The stage in MLflow's spelling; any case comes in.</summary>
    public static string NormalizeStage(string stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        return Array.Find(Stages, s => s.Equals(stage, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"{Excerpt.Of(stage)} is no stage; there are {string.Join(", ", Stages)}.", nameof(stage));
    }

    private static void CheckWithout(string name, SearchValues<char> forbidden, string what, string paramName)
    {
        Rules.CheckName(name, int.MaxValue, what, paramName);
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new ArgumentException($"A {what} must not be blank.", paramName);
        }

        if (name.AsSpan().IndexOfAny(forbidden) is >= 0 and var index)
        {
            throw new ArgumentException($"A {what} must not hold {Excerpt.CharacterAt(name, index)}, as {Excerpt.Of(name)} does.", paramName);
        }
    }
}
