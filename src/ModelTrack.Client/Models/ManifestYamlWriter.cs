using System.Globalization;
using System.Text;
using ModelTrack.Client.Numbers;

namespace ModelTrack.Client;

/// <summary>Writes values as YAML that PyYAML reads as what they are: block style, keys sorted, ASCII only.</summary>
internal static class ManifestYamlWriter
{
    public static string Write(ModelValue map, bool sort = true)
    {
        if (map.RawEntries.Count == 0)
        {
            // Nothing at all would be read as null.
            return "{}\n";
        }

        var text = new StringBuilder(2048);
        WriteMap(text, map, 0, isFirstInLine: true, sort);
        return text.ToString();
    }

    private static void WriteMap(StringBuilder text, ModelValue map, int indent, bool isFirstInLine, bool sort)
    {
        var entries = sort
            ? map.RawEntries.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal)
            : map.RawEntries.AsEnumerable();
        foreach (var (key, value) in entries)
        {
            text.Append(' ', isFirstInLine ? 0 : indent);
            isFirstInLine = false;
            var length = WriteScalar(text, key);
            if (length > 120)
            {
                // The scanners of both languages look for the colon of a plain key within 1024 characters only.
                text.Length -= length;
                text.Append("? ");
                WriteScalar(text, key);
                text.Append('\n').Append(' ', indent);
            }

            text.Append(':');
            WriteValue(text, value, indent, sort);
        }
    }

    /// <summary>Behind the colon, up to the end of the last line.</summary>
    private static void WriteValue(StringBuilder text, ModelValue value, int indent, bool sort)
    {
        if (value is { Kind: ModelValueKind.Map, Entries.Count: > 0 })
        {
            text.Append('\n');
            WriteMap(text, value, indent + 2, isFirstInLine: false, sort);
        }
        else if (value is { Kind: ModelValueKind.List, Items.Count: > 0 })
        {
            text.Append('\n');
            WriteList(text, value, indent, isFirstInLine: false, sort);
        }
        else
        {
            text.Append(' ');
            WriteScalar(text, value);
            text.Append('\n');
        }
    }

    private static void WriteList(StringBuilder text, ModelValue list, int indent, bool isFirstInLine, bool sort)
    {
        foreach (var item in list.Items)
        {
            text.Append(' ', isFirstInLine ? 0 : indent).Append('-').Append(' ');
            isFirstInLine = false;
            switch (item)
            {
                case { Kind: ModelValueKind.Map, Entries.Count: > 0 }:
                    WriteMap(text, item, indent + 2, isFirstInLine: true, sort);
                    break;
                case { Kind: ModelValueKind.List, Items.Count: > 0 }:
                    WriteList(text, item, indent + 2, isFirstInLine: true, sort);
                    break;
                default:
                    WriteScalar(text, item);
                    text.Append('\n');
                    break;
            }
        }
    }

    private static int WriteScalar(StringBuilder text, ModelValue value)
    {
        var start = text.Length;
        switch (value.Kind)
        {
            case ModelValueKind.Text:
                WriteText(text, value.AsText()!);
                break;
            case ModelValueKind.Number:
                WriteNumber(text, value.AsNumber()!.Value);
                break;
            case ModelValueKind.List:
                text.Append("[]");
                break;
            case ModelValueKind.Map:
                text.Append("{}");
                break;
            default:
                text.Append(value.ToString());
                break;
        }

        return text.Length - start;
    }

    private static void WriteNumber(StringBuilder text, double number)
    {
        if (!double.IsFinite(number))
        {
            text.Append(double.IsNaN(number) ? ".nan" : number > 0 ? ".inf" : "-.inf");
            return;
        }

        Span<byte> bytes = stackalloc byte[PythonFloat.MaxLength];
        var digits = Encoding.ASCII.GetString(bytes[..PythonFloat.Write(number, bytes)]);

        // Without a point 1e-07 is a text to YAML 1.1.
        text.Append(digits.Contains('.', StringComparison.Ordinal) ? digits : digits.Replace("e", ".0e", StringComparison.Ordinal));
    }

    private static void WriteText(StringBuilder text, string value)
    {
        if (IsWord(value))
        {
            text.Append(value);
        }
        else if (value.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            text.Append('\'').Append(value.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
        }
        else
        {
            WriteEscaped(text, value);
        }
    }

    /// <summary>Plain letters that mean nothing else without quotes.</summary>
    private static bool IsWord(string value)
    {
        if (value.Length == 0 || !(char.IsAsciiLetter(value[0]) || value[0] == '_'))
        {
            return false;
        }

        foreach (var c in value)
        {
            if (!(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/'))
            {
                return false;
            }
        }

        // Some parsers take y and n for truth values.
        return value is not ("y" or "Y" or "n" or "N") && YamlScalars.Resolve(value)?.Kind == ModelValueKind.Text;
    }

    private static void WriteEscaped(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var rune in value.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append(@"\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case >= ' ' and <= '~': text.Append((char)rune.Value); break;
                case <= 0xFFFF: text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"); break;
                default: text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"); break;
            }
        }

        text.Append('"');
    }
}
