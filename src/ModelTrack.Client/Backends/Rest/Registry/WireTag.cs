using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>A tag of a registered model or of a version. Servers leave out an empty value.</summary>
internal sealed record WireTag(string Key, string? Value) : IJsonOnDeserialized
{
    public static List<WireTag>? From(IReadOnlyDictionary<string, string> tags)
        => tags.Count == 0 ? null : [.. tags.Select(tag => new WireTag(tag.Key, tag.Value))];

    public static Dictionary<string, string> ToDictionary(List<WireTag>? tags)
    {
        var values = new Dictionary<string, string>();
        foreach (var tag in tags ?? [])
        {
            values[tag.Key] = tag.Value ?? "";
        }

        return values;
    }

    public void OnDeserialized() => Answers.RequireText(Key, "key");
}
