using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest.Wire;

/// <summary>Reads a text that may come as a number: an enum's value, which has a name and a number in protobuf.</summary>
internal sealed class LooseTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.Number
            ? System.Text.Encoding.UTF8.GetString(reader.ValueSpan)
            : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
