using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest.Wire;

/// <summary>A tag or a param.</summary>
internal sealed record WirePair(string Key, string? Value) : IJsonOnDeserialized
{
    /// <summary>Null for none: an empty list is not sent.</summary>
    public static List<WirePair>? ListOf(IReadOnlyDictionary<string, string>? pairs)
        => pairs is { Count: > 0 } ? [.. pairs.Select(pair => new WirePair(pair.Key, pair.Value))] : null;

    /// <summary>Should a server send a key twice, the last one counts.</summary>
    public static Dictionary<string, string> ToDictionary(IReadOnlyList<WirePair>? pairs)
    {
        var result = new Dictionary<string, string>(pairs?.Count ?? 0);
        foreach (var pair in pairs ?? [])
        {
            result[pair.Key] = pair.Value ?? "";
        }

        return result;
    }

    public void OnDeserialized() => Answers.RequireText(Key, "key");
}
