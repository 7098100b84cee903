using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Reads the form that nearly every <c>meta.yaml</c> has, <c>key: value</c> on one line with a plain or single-quoted value, an order of
/// magnitude faster than a YAML parser does. At the first thing that could mean anything else it gives up.
/// </summary>
internal static class MetaYamlFastParser
{
    /// <summary>Longer than any that MLflow has; YAML itself takes no key of more than 1024 characters.</summary>
    private const int MaxName = 128;

    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Dictionary<string, YamlNode>? entries)
    {
        entries = null;
        if (HasForeignLineEnd(utf8))
        {
            return false;
        }

        var found = new Dictionary<string, YamlNode>(20);
        while (!utf8.IsEmpty)
        {
            var end = utf8.IndexOf((byte)'\n');
            var line = end < 0 ? utf8 : utf8[..end];
            utf8 = end < 0 ? [] : utf8[(end + 1)..];
            if (line.IsEmpty)
            {
                continue;
            }

            var colon = line.IndexOf((byte)':');
            if (colon is <= 0 or > MaxName || colon + 2 >= line.Length || line[colon + 1] != ' '
                || line.IndexOfAnyInRange((byte)0, (byte)31) >= 0
                || !IsName(line[..colon])
                || ParseValue(line[(colon + 2)..].Trim((byte)' ')) is not { } value)
            {
                return false;
            }

            found[Encoding.ASCII.GetString(line[..colon])] = value;
        }

        entries = found;
        return found.Count > 0;
    }

    // U+0085, U+2028 and U+2029 end a line in YAML 1.1, so PyYAML indents what follows them, even inside quotes.
    private static bool HasForeignLineEnd(ReadOnlySpan<byte> utf8)
        => utf8.IndexOf("\u0085"u8) >= 0 || utf8.IndexOf("\u2028"u8) >= 0 || utf8.IndexOf("\u2029"u8) >= 0;

    private static bool IsName(ReadOnlySpan<byte> key)
    {
        foreach (var b in key)
        {
            if (!char.IsAsciiLetterLower((char)b) && b != '_')
            {
                return false;
            }
        }

        return true;
    }

    private static YamlNode? ParseValue(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return null;
        }

        if (value[0] == '\'')
        {
            return ParseQuoted(value);
        }

        if (value.SequenceEqual("[]"u8))
        {
            return YamlSequence.Empty;
        }

        if (value.SequenceEqual("{}"u8))
        {
            return YamlMapping.Empty;
        }

        var isPlain = !"\"!&*|>%@`#,[]{}?:"u8.Contains(value[0])
            && !(value[0] == '-' && (value.Length == 1 || value[1] == ' '))
            && value[^1] != ':'
            && value.IndexOf(": "u8) < 0
            && value.IndexOf(" #"u8) < 0;
        return isPlain ? new YamlScalar(Encoding.UTF8.GetString(value), isPlain: true) : null;
    }

    private static YamlScalar? ParseQuoted(ReadOnlySpan<byte> value)
    {
        if (value.Length < 2 || value[^1] != '\'')
        {
            return null;
        }

        var inner = value[1..^1];
        if (inner.IndexOf((byte)'\'') < 0)
        {
            return new YamlScalar(Encoding.UTF8.GetString(inner), isPlain: false);
        }

        // A quote inside is doubled; a single one ends the scalar, and what follows is not for us.
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\'' && (++i == inner.Length || inner[i] != '\''))
            {
                return null;
            }
        }

        return new YamlScalar(Encoding.UTF8.GetString(inner).Replace("''", "'", StringComparison.Ordinal), isPlain: false);
    }
}
