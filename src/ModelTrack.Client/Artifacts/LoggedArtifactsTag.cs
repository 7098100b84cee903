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
        var entries = new JsonArray([.. Parse(current).Where(CanBeWritten).Select(entry => entry?.DeepClone())]);
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
            return string.IsNullOrWhiteSpace(current) ? [] : JsonNode.Parse(current) as JsonArray ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>False for an object with half of a surrogate pair in a name, which cannot be written as JSON again.</summary>
    private static bool CanBeWritten(JsonNode? entry)
    {
        try
        {
            return entry is not JsonObject members || members.Count >= 0;
        }
        catch (ArgumentException)
        {
            return true; // It has a name twice.
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
