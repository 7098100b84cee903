using System.Text.Json;

namespace Serving.Requests;

/// <summary>A value of a request: a text of a CSV file, else JSON. The default is a value that is missing.</summary>
internal readonly record struct Cell(JsonElement Json, string? Text = null)
{
    public bool IsNull => Text is null ? Json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null : Text.Length == 0;

    /// <summary>The items of a list, those of lists in it one after another; null when it is no list.</summary>
    public List<Cell>? AsList()
    {
        var json = Json;
        if (Text is ['[', ..])
        {
            try
            {
                json = JsonElement.Parse(Text);
            }
            catch (JsonException)
            {
                return null;
            }
        }

        return json.ValueKind == JsonValueKind.Array ? [.. Flatten(json)] : null;
    }

    public override string ToString() => Text ?? (Json.ValueKind == JsonValueKind.Undefined ? "null" : Json.GetRawText());

    private static IEnumerable<Cell> Flatten(JsonElement array)
        => array.EnumerateArray().SelectMany(item => item.ValueKind == JsonValueKind.Array ? Flatten(item) : [new Cell(item)]);
}
