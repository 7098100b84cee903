using System.Buffers;
using System.Text.Json;

namespace ModelTrack.Client.Fakes.Wire;

/// <summary>Writes answers as MLflow does: indented, in ASCII, and without what is not set.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static FakeAnswer Empty => Answer(_ => { });

    public static FakeAnswer Answer(Action<Utf8JsonWriter> write, int status = 200)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return new FakeAnswer(status, "application/json", buffer.WrittenMemory);
    }

    public static FakeAnswer Error(FakeException error, bool classes) => Answer(
        writer =>
        {
            writer.WriteString("error_code", error.Code);
            writer.WriteString("message", error.Message);
            if (classes && error.Status != 501)
            {
                writer.WriteString("sqlstate", error.Status >= 500 ? "XXM00" : "KAM00");
                writer.WriteString("error_class", error.Code switch
                {
                    "RESOURCE_DOES_NOT_EXIST" => "RESOURCE_NOT_FOUND",
                    "BAD_REQUEST" => "INVALID_PARAMETER_VALUE",
                    "INTERNAL_ERROR" => "CLIENT_INTERNAL_ERROR",
                    _ => error.Code,
                });
            }
        },
        error.Status);

    /// <summary>A double: a number that always shows that it is one, or the name of what JSON has no number for.</summary>
    public static void WriteDouble(this Utf8JsonWriter writer, string name, double value)
    {
        writer.WritePropertyName(name);
        if (double.IsFinite(value))
        {
            writer.WriteRawValue(PythonText.Of(value), skipInputValidation: true);
        }
        else
        {
            writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    public static void WriteObject(this Utf8JsonWriter writer, string name, Action<Utf8JsonWriter> write)
    {
        writer.WriteStartObject(name);
        write(writer);
        writer.WriteEndObject();
    }

    /// <summary>A list of objects; nothing when it is empty.</summary>
    public static void WriteList<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        var open = false;
        foreach (var item in items)
        {
            if (!open)
            {
                writer.WriteStartArray(name);
                open = true;
            }

            writer.WriteStartObject();
            write(writer, item);
            writer.WriteEndObject();
        }

        if (open)
        {
            writer.WriteEndArray();
        }
    }

    /// <summary>Pairs of key and value, such as tags; nothing when there are none.</summary>
    public static void WritePairs(this Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, string>> pairs)
        => writer.WriteList(name, pairs, (w, pair) =>
        {
            w.WriteString("key", pair.Key);
            w.WriteString("value", pair.Value);
        });

    public static void WriteOptional(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    public static void WriteOptional(this Utf8JsonWriter writer, string name, long? value)
    {
        if (value is not null)
        {
            writer.WriteNumber(name, value.Value);
        }
    }
}
