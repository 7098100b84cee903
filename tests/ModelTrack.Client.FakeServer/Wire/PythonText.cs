using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Fakes.Wire;

/// <summary>Texts as Python writes and reads them, for messages and for JSON.</summary>
internal static class PythonText
{
    /// <summary>A double as Python shows it: <c>1.0</c>, <c>1e+16</c>, <c>nan</c>.</summary>
    public static string Of(double value)
    {
        if (double.IsNaN(value))
        {
            return "nan";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "inf" : "-inf";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }

    /// <summary>What <c>float(text)</c> gives; null where it raises.</summary>
    public static double? ToNumber(string text)
    {
        var trimmed = text.Trim();
        switch (trimmed.TrimStart('+', '-').ToUpperInvariant())
        {
            case "NAN":
                return double.NaN;
            case "INF" or "INFINITY":
                return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            default:
                const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
                return double.TryParse(trimmed, Style, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
    }

    /// <summary>A text in quotes, as <c>repr</c> gives it.</summary>
    public static string Quoted(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder().Append(quote);
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\\' => quoted.Append("\\\\"),
                _ when unit == quote => quoted.Append('\\').Append(unit),
                _ => quoted.Append(unit),
            };
        }

        return quoted.Append(quote).ToString();
    }

    public static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Quoted))}]";

    /// <summary>A text as <c>json.dumps</c> writes it.</summary>
    public static string Json(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var unit in text)
        {
            _ = unit switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' or > '~' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => json.Append(unit),
            };
        }

        return json.Append('"').ToString();
    }

    /// <summary>A JSON value as <c>json.dumps</c> writes it without blanks; <c>null</c> for what is not there.</summary>
    public static string Json(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "null",
        JsonValueKind.String => Json(value.GetString()!),
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Json))}]",
        JsonValueKind.Object => "{" + string.Join(
            ',',
            value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{Json(p.Name)}:{Json(p.Value)}")) + "}",
        _ => value.GetRawText(),
    };

    /// <summary>The name of the Python type that a JSON value becomes.</summary>
    public static string TypeName(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => RequestBody.IsLiteral(value.GetString()!) ? "float" : "str",
        JsonValueKind.Number => value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0 ? "float" : "int",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "list",
        JsonValueKind.Object => "dict",
        _ => "NoneType",
    };
}
