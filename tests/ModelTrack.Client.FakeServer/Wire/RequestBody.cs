using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Fakes.Wire;

/// <summary>Makes JSON of what a request carries: its body, or its query.</summary>
internal static class RequestBody
{
    /// <summary>
    /// Marks texts that stand for a bare <c>NaN</c> or <c>Infinity</c>, which Python's JSON reader takes and .NET's does not. No request
    /// has this character, which is for private use.
    /// </summary>
    private const char LiteralMark = '\uF8FE';

    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;

    private static readonly string[] Literals = ["-Infinity", "Infinity", "NaN"];

    public static bool IsLiteral(string text) => text.Length > 0 && text[0] == LiteralMark;

    /// <summary>The body as JSON; an empty object when it is none.</summary>
    public static JsonElement Parse(ReadOnlyMemory<byte> body)
    {
        var parsed = TryParse(body) ?? TryParse(Encoding.UTF8.GetBytes(MarkLiterals(Encoding.UTF8.GetString(body.Span))));
        if (parsed is { ValueKind: JsonValueKind.String } text)
        {
            // Old clients encode twice.
            parsed = TryParse(Encoding.UTF8.GetBytes(text.GetString()!)) ?? throw new ServerCrashException("JSON inside JSON is malformed.");
        }

        return parsed is null or { ValueKind: JsonValueKind.Null } ? Empty : parsed.Value;
    }

    /// <summary>The query as JSON: texts, lists of texts for repeated fields, true and false for flags.</summary>
    public static JsonElement Parse(IReadOnlyList<KeyValuePair<string, string>> query, MessageType type)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var field in type.Fields)
            {
                var values = query.Where(pair => pair.Key == field.Name).Select(pair => pair.Value).ToList();
                if (values.Count > 0)
                {
                    writer.WritePropertyName(field.Name);
                    Write(writer, field, values);
                }
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }

    private static void Write(Utf8JsonWriter writer, Field field, List<string> values)
    {
        if (field.Repeated)
        {
            writer.WriteStartArray();
            values.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }
        else if (field.Kind == FieldKind.Flag)
        {
            writer.WriteBooleanValue(bool.TryParse(values[0], out var flag)
                ? flag
                : throw FakeException.Invalid($"Invalid boolean value: {values[0]}, must be 'true' or 'false'."));
        }
        else
        {
            writer.WriteStringValue(values[0]);
        }
    }

    private static JsonElement? TryParse(ReadOnlyMemory<byte> text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string MarkLiterals(string json)
    {
        var marked = new StringBuilder(json.Length);
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (inText)
            {
                if (json[i] == '\\' && i + 1 < json.Length)
                {
                    marked.Append(json[i++]);
                }
                else
                {
                    inText = json[i] != '"';
                }
            }
            else if (Literals.FirstOrDefault(l => string.CompareOrdinal(json, i, l, 0, l.Length) == 0) is { } literal)
            {
                marked.Append('"').Append(LiteralMark).Append(literal).Append('"');
                i += literal.Length - 1;
                continue;
            }
            else
            {
                inText = json[i] == '"';
            }

            marked.Append(json[i]);
        }

        return marked.ToString();
    }
}
