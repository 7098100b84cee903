using System.Globalization;
using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Writes a <c>meta.yaml</c> that every YAML 1.1 parser reads alike: keys sorted, strings always quoted, a value on one line.
/// </summary>
internal static class MetaYamlWriter
{
    public static byte[] Write(IReadOnlyDictionary<string, YamlNode> entries)
    {
        var text = new StringBuilder(1024);
        string[] keys = [.. entries.Keys];
        Array.Sort(keys, StringComparer.Ordinal);
        foreach (var key in keys)
        {
            WriteKey(text, key);
            text.Append(": ");
            WriteNode(text, entries[key], inFlow: false);
            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void WriteKey(StringBuilder text, string key)
    {
        // MLflow's own keys are plain words; others (tag keys in a nested mapping) can be anything.
        if (key.Length > 0 && key.All(c => char.IsAsciiLetterLower(c) || c == '_') && key is not ("null" or "y" or "n" or "yes" or "no"
            or "on" or "off" or "true" or "false"))
        {
            text.Append(key);
        }
        else
        {
            WriteString(text, key);
        }
    }

    private static void WriteNode(StringBuilder text, YamlNode node, bool inFlow)
    {
        switch (node)
        {
            case YamlScalar { IsNull: true }:
                text.Append("null");
                break;
            case YamlScalar { IsPlain: true } scalar when !NeedsEscapes(scalar.Text)
                && (!inFlow || IsPlainInFlow(scalar.Text)):
                text.Append(scalar.Text);
                break;
            case YamlScalar scalar:
                WriteString(text, scalar.Text);
                break;
            case YamlSequence sequence:
                text.Append('[');
                for (var i = 0; i < sequence.Items.Count; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    WriteNode(text, sequence.Items[i], inFlow: true);
                }

                text.Append(']');
                break;
            case YamlMapping mapping:
                text.Append('{');
                for (var i = 0; i < mapping.Entries.Count; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    WriteKey(text, mapping.Entries[i].Key);
                    text.Append(": ");
                    WriteNode(text, mapping.Entries[i].Value, inFlow: true);
                }

                text.Append('}');
                break;
        }
    }

    /// <summary>What begins with a colon or a question mark, or has a bracket or comma, is plain on a line of its own alone.</summary>
    private static bool IsPlainInFlow(string text) => text.AsSpan().IndexOfAny(",[]{}") < 0 && text is not [':' or '?', ..];

    private static void WriteString(StringBuilder text, string value)
    {
        if (!NeedsEscapes(value))
        {
            text.Append('\'').Append(value.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
            return;
        }

        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                default:
                    if (IsSpecial(c))
                    {
                        text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
                    }
                    else
                    {
                        text.Append(c);
                    }

                    break;
            }
        }

        text.Append('"');
    }

    private static bool NeedsEscapes(string value)
    {
        foreach (var c in value)
        {
            if (IsSpecial(c))
            {
                return true;
            }
        }

        return false;
    }

    // What YAML 1.1 calls not printable or a line break. Halves of surrogate pairs are fine: they are written together.
    private static bool IsSpecial(char c)
        => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';
}
