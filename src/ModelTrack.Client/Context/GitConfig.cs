using System.Text;

namespace ModelTrack.Client;

/// <summary>Reads the remotes out of git's configuration file.</summary>
internal static class GitConfig
{
    /// <summary>The URL of "origin", else of the remote that comes first, or null.</summary>
    public static string? RemoteUrl(string config)
    {
        string? first = null;
        string? remote = null;
        foreach (var raw in config.Replace("\\\n", "", StringComparison.Ordinal).Split('\n'))
        {
            var line = raw.Trim();
            if (line.StartsWith('['))
            {
                remote = RemoteIn(line);
                continue;
            }

            var equals = line.IndexOf('=');
            if (remote is null || equals < 0 || !line.AsSpan(0, equals).Trim().Equals("url", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var url = Value(line.AsSpan(equals + 1));
            if (url.Length == 0)
            {
                continue;
            }

            if (remote == "origin")
            {
                return url;
            }

            first ??= url;
        }

        return first;
    }

    /// <summary>The name in <c>[remote "name"]</c>; null for other sections.</summary>
    private static string? RemoteIn(string line)
    {
        var open = line.IndexOf('"');
        var close = line.LastIndexOf('"');
        return open > 0 && close > open && line.AsSpan(1, open - 1).Trim().Equals("remote", StringComparison.OrdinalIgnoreCase)
            ? line[(open + 1)..close].Replace("\\\"", "\"", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal)
            : null;
    }

    // Quotes may be anywhere in a value, comments begin outside of them, and a backslash escapes.
    private static string Value(ReadOnlySpan<char> text)
    {
        var value = new StringBuilder();
        var quoted = false;
        text = text.Trim();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (text[i] == '\\' && i + 1 < text.Length)
            {
                value.Append(text[++i]);
            }
            else if (!quoted && (text[i] is '#' or ';'))
            {
                break;
            }
            else
            {
                value.Append(text[i]);
            }
        }

        return value.ToString().TrimEnd();
    }
}
