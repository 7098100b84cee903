using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Numbers;

namespace ModelTrack.Client;

/// <summary>
/// JSON as Python's <c>json</c> writes and reads it: ASCII only, a blank behind commas and colons, whole numbers apart from others.
/// </summary>
internal static class PythonJson
{
    /// <summary>Reads JSON. A bare NaN or infinity, which Python writes, becomes a text: whoever expects a number takes it for one.</summary>
    /// <exception cref="JsonException">It is no JSON, is nested too deeply, or has a name twice in one object.</exception>
    public static ModelValue Read(string json)
    {
        var reader = new Utf8JsonReader(
            BareNumbers.Quote(Encoding.UTF8.GetBytes(json)), new JsonReaderOptions { MaxDepth = ModelValue.MaxDepth });
        try
        {
            reader.Read();
            var value = ReadValue(ref reader);
            return reader.Read() ? throw new JsonException("Something follows after its end.") : value;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or OverflowException)
        {
            // A name twice; a half of a surrogate pair; a number without end.
            throw new JsonException(e.Message, e);
        }
    }

    public static string Write(ModelValue value)
    {
        var text = new StringBuilder();
        Write(text, value, indent: null, level: 0);
        return text.ToString();
    }

    /// <summary>As Python's <c>indent=2</c>.</summary>
    public static string WriteIndented(ModelValue value)
    {
        var text = new StringBuilder();
        Write(text, value, indent: 2, level: 0);
        return text.ToString();
    }

    private static ModelValue ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var entries = new List<KeyValuePair<ModelValue, ModelValue>>();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = ModelValue.Of(reader.GetString());
                    reader.Read();
                    entries.Add(KeyValuePair.Create(name, ReadValue(ref reader)));
                }

                return ModelValue.OfEntries([.. entries]);
            case JsonTokenType.StartArray:
                var items = new List<ModelValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadValue(ref reader));
                }

                return ModelValue.List(items);
            case JsonTokenType.String: return ModelValue.Of(reader.GetString());
            case JsonTokenType.True: return ModelValue.Of(true);
            case JsonTokenType.False: return ModelValue.Of(false);
            case JsonTokenType.Number: return ReadNumber(Encoding.ASCII.GetString(reader.ValueSpan));
            default: return ModelValue.Null;
        }
    }

    private static ModelValue ReadNumber(string text)
        => text.AsSpan().IndexOfAny(".eE") >= 0
            ? ModelValue.Of(double.Parse(text, CultureInfo.InvariantCulture))
            : text.Length <= YamlScalars.MaxDigits
                ? ModelValue.OfInteger(BigInteger.Parse(text, CultureInfo.InvariantCulture))
                : throw new OverflowException($"The number {Excerpt.Of(text)} has more than {YamlScalars.MaxDigits} digits.");

    private static void Write(StringBuilder text, ModelValue value, int? indent, int level)
    {
        switch (value.Kind)
        {
            case ModelValueKind.Text or ModelValueKind.Timestamp:
                WriteText(text, value.AsText()!);
                break;
            case ModelValueKind.Number:
                WriteNumber(text, value.AsNumber()!.Value);
                break;
            case ModelValueKind.List:
                WriteAll(text, value.Items, '[', ']', indent, level, item => Write(text, item, indent, level + 1));
                break;
            case ModelValueKind.Map:
                WriteAll(text, value.Entries, '{', '}', indent, level, entry =>
                {
                    WriteText(text, entry.Key);
                    text.Append(": ");
                    Write(text, entry.Value, indent, level + 1);
                });
                break;
            default:
                text.Append(value.ToString());
                break;
        }
    }

    private static void WriteAll<T>(
        StringBuilder text, IReadOnlyList<T> items, char open, char close, int? indent, int level, Action<T> write)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : indent is null ? ", " : ",");
            Break(text, indent, level + 1);
            write(items[i]);
        }

        if (items.Count > 0)
        {
            Break(text, indent, level);
        }

        text.Append(close);
    }

    private static void Break(StringBuilder text, int? indent, int level)
    {
        if (indent is { } width)
        {
            text.Append('\n').Append(' ', width * level);
        }
    }

    private static void WriteNumber(StringBuilder text, double number)
    {
        if (!double.IsFinite(number))
        {
            text.Append(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
            return;
        }

        Span<byte> bytes = stackalloc byte[PythonFloat.MaxLength];
        text.Append(Encoding.ASCII.GetString(bytes[..PythonFloat.Write(number, bytes)]));
    }

    private static void WriteText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append(@"\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case >= ' ' and <= '~': text.Append(c); break;
                default: text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
            }
        }

        text.Append('"');
    }
}
