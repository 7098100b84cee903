using System.Globalization;
using System.Text.Json;

namespace ModelTrack.Client.Fakes.Wire;

/// <summary>
/// Reads JSON into a <see cref="Message"/> as MLflow's server does: field by field in the order of the text, up to the first that cannot
/// be read. What was read until then stays, and nothing says that there was more.
/// </summary>
internal static class MessageReader
{
    /// <returns>False when reading stopped before the end.</returns>
    public static bool TryRead(JsonElement json, Message into)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            // A text or a list would be searched for names of fields and none found; anything else is an error.
            return json.ValueKind is JsonValueKind.String or JsonValueKind.Array;
        }

        foreach (var property in json.EnumerateObject())
        {
            var index = Find(into.Type, property);
            if (index >= 0 && !TryReadField(property.Value, into, index))
            {
                return false;
            }
        }

        return true;
    }

    private static int Find(MessageType type, JsonProperty property)
    {
        for (var i = 0; i < type.Fields.Length; i++)
        {
            if (property.NameEquals(type.Fields[i].Utf8Name))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool TryReadField(JsonElement value, Message into, int index)
    {
        var field = into.Type.Fields[index];
        if (value.ValueKind == JsonValueKind.Null)
        {
            into[index] = null;
            return true;
        }

        if (!field.Repeated)
        {
            if (field.Kind == FieldKind.Message)
            {
                var part = new Message(field.Message!);
                into[index] = part;
                return TryRead(value, part);
            }

            into[index] = ReadScalar(value, field);
            return into[index] is not null;
        }

        into[index] = null;
        return value.ValueKind == JsonValueKind.Array && TryReadList(value, into, index, field);
    }

    private static bool TryReadList(JsonElement list, Message into, int index, Field field)
    {
        if (field.Kind == FieldKind.Message)
        {
            var parts = new List<Message>(list.GetArrayLength());
            into[index] = parts;
            foreach (var item in list.EnumerateArray())
            {
                var part = new Message(field.Message!);
                parts.Add(part);
                if (!TryRead(item, part))
                {
                    return false;
                }
            }

            return true;
        }

        var texts = new List<string>();
        into[index] = texts;
        foreach (var item in list.EnumerateArray())
        {
            if (ReadScalar(item, field) is not string text)
            {
                return false;
            }

            texts.Add(text);
        }

        return true;
    }

    private static object? ReadScalar(JsonElement value, Field field) => field.Kind switch
    {
        FieldKind.Text => value.ValueKind == JsonValueKind.String ? value.GetString() : null,
        FieldKind.Integer => ReadInteger(value),
        FieldKind.Number => ReadNumber(value),
        FieldKind.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null,
        _ => ReadEnumeration(value, field.EnumNames),
    };

    private static long? ReadInteger(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetInt64(out var exact) ? exact
                : value.TryGetDouble(out var number) && Math.Floor(number) == number && Math.Abs(number) < 9.2e18 && IsFloat(value) ? (long)number
                : null;
        }

        return value.ValueKind == JsonValueKind.String
            && long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : null;
    }

    /// <summary>A whole number written with a point or an exponent; one without is out of range when it did not fit.</summary>
    private static bool IsFloat(JsonElement value) => value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0;

    private static double? ReadNumber(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDouble(out var number) && !double.IsInfinity(number) ? number : null,
        JsonValueKind.True => 1.0,
        JsonValueKind.False => 0.0,
        JsonValueKind.String => PythonText.ToNumber(value.GetString()!) is { } number
            && (!double.IsNaN(number) || value.ValueEquals("NaN"u8)) ? number : null,
        _ => null,
    };

    private static int? ReadEnumeration(JsonElement value, string[] names)
    {
        if (value.ValueKind == JsonValueKind.String && Array.IndexOf(names, value.GetString()) is >= 0 and var index)
        {
            return index + 1;
        }

        return ReadInteger(value) is { } number && number >= 1 && number <= names.Length ? (int)number : null;
    }
}
