using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelTrack.Client;

/// <summary>
/// The value of <see cref="SystemTags.LoggedArtifacts"/>, the tag by which MLflow's UI finds a run's tables:
/// <c>[{"path": "tab/t.json", "type": "table"}]</c>.
/// </summary>
internal static class LoggedArtifactsTag
{
    /// <summary>
    /// The tag's new value when the table is added to what the tag holds (null: there is none). What is in it already is there once, and
    /// entries of other kinds stay. A value that is no list is replaced, for Python would not get past it.
    /// </summary>
    public static string Append(string? current, string tablePath)
    {
        var entries = Parse(current);
        if (!entries.Any(e => e is JsonObject o && TextOf(o, "path") == tablePath && TextOf(o, "type") == "table"))
        {
            entries.Add((JsonNode)new JsonObject { ["path"] = tablePath, ["type"] = "table" });
        }

        return entries.ToJsonString();
    }

    private static JsonArray Parse(string? current)
    {
        try
        {
            using var json = JsonDocument.Parse(string.IsNullOrWhiteSpace(current) ? "[]" : current);
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Where(CanBeWritten).Select(entry => JsonNode.Parse(entry.GetRawText()))]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>False where half of a surrogate pair stands in it, which cannot be written as JSON again.</summary>
    private static bool CanBeWritten(JsonElement entry)
    {
        try
        {
            using var nowhere = new Utf8JsonWriter(Stream.Null);
            entry.WriteTo(nowhere);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? TextOf(JsonObject entry, string name)
    {
        try
        {
            return entry[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        }
        catch (ArgumentException)
        {
            return null; // An object that has a name twice cannot be looked into, only kept.
        }
    }
}
