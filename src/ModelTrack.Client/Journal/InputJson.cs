using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelTrack.Client.Journal;

/// <summary>A data set as its record in the journal has it.</summary>
internal static class InputJson
{
    /// <summary>Schemas are JSON in JSON: their quotes take two bytes instead of six.</summary>
    private static readonly JournalJson Lean = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(DatasetInput input) => JsonSerializer.Serialize(input, Lean.DatasetInput);

    /// <summary>What it takes in bytes; about the same in a request.</summary>
    public static int Size(DatasetInput input) => JsonSerializer.SerializeToUtf8Bytes(input, Lean.DatasetInput).Length;

    /// <summary>Null when it is no such text: a later version may have another.</summary>
    public static DatasetInput? Read(string json)
    {
        try
        {
            var input = JsonSerializer.Deserialize(json, Lean.DatasetInput);
            return input is { Name: not null, Digest: not null, SourceType: not null, Source: not null, Tags: not null } ? input : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
