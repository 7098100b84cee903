using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ModelTrack.Client;

/// <summary>
/// The text of a param's value. It depends on the value alone, never on the machine's culture: shortest round-trip numbers
/// (<c>0.1</c>, <c>1E-07</c>), <c>true</c>, ISO 8601 times without needless zeros, lists as JSON has them.
/// </summary>
internal static class ValueText
{
    public const int MaxDepth = 16;

    // Far above what a param may hold; it ends a sequence that has no end.
    private const int MaxListText = 1_000_000;

    public static string Format(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        char character => character.ToString(),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        Enum name => name.ToString(),
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        TimeSpan duration => duration.ToString("c", CultureInfo.InvariantCulture),
        Uri uri => uri.OriginalString,
        byte[] bytes => Convert.ToBase64String(bytes),
        JsonValue json => json.ToString(),
        JsonNode json => json.ToJsonString(),
        JsonDocument json => json.RootElement.ToString(),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture) ?? "",
        ITuple or IEnumerable => FormatList(value),
        _ => InvariantText(value),
    };

    /// <summary>An object's own text may hold numbers and dates, as that of records does, and has no other way to ask for a culture.</summary>
    private static string InvariantText(object value)
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            return value.ToString() ?? "";
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    private static string FormatList(object list)
    {
        var text = new StringBuilder();
        AppendItem(text, list, 0);
        return text.ToString();
    }

    private static void AppendItem(StringBuilder text, object? item, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentException("The value is a list that is nested too deeply, or contains itself.", nameof(item));
        }

        switch (item)
        {
            case null: text.Append("null"); break;
            case bool or double or float or Half or decimal: text.Append(Format(item)); break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or Int128 or UInt128 or System.Numerics.BigInteger:
                text.Append(Format(item));
                break;
            case JsonElement json: text.Append(json.GetRawText()); break;
            case JsonNode json: text.Append(json.ToJsonString()); break;
            case string or byte[] or IFormattable: AppendQuoted(text, Format(item)); break;
            case IDictionary map: AppendMap(text, map, depth); break;
            case IEnumerable list: AppendAll(text, list, depth); break;
            case ITuple tuple: AppendAll(text, Enumerable.Range(0, tuple.Length).Select(i => tuple[i]), depth); break;
            default: AppendQuoted(text, Format(item)); break;
        }
    }

    private static void AppendAll(StringBuilder text, IEnumerable list, int depth)
    {
        text.Append('[');
        var separator = "";
        foreach (var item in list)
        {
            text.Append(separator);
            AppendItem(text, item, depth + 1);
            separator = Continue(text);
        }

        text.Append(']');
    }

    private static void AppendMap(StringBuilder text, IDictionary map, int depth)
    {
        text.Append('{');
        var separator = "";
        foreach (DictionaryEntry entry in map)
        {
            text.Append(separator);
            AppendQuoted(text, Format(entry.Key));
            text.Append(": ");
            AppendItem(text, entry.Value, depth + 1);
            separator = Continue(text);
        }

        text.Append('}');
    }

    private static string Continue(StringBuilder text)
        => text.Length <= MaxListText ? ", " : throw new ArgumentException("The value is a list without a sensible end.", nameof(text));

    private static void AppendQuoted(StringBuilder text, string value)
        => text.Append('"').Append(JsonEncodedText.Encode(value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)).Append('"');
}
