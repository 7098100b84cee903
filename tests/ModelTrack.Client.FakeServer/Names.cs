using System.Globalization;
using System.Text;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes;

/// <summary>What MLflow demands of names, values and ids.</summary>
internal static class Names
{
    public const int MaxKeyLength = 250;

    public static int Length(string text)
    {
        var length = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsLowSurrogate(text[i]) && char.IsHighSurrogate(text[i - 1]))
            {
                length--;
            }
        }

        return length;
    }

    public static void CheckLength(string what, int limit, string text)
    {
        if (Length(text) > limit)
        {
            throw FakeException.Invalid($"'{what}' exceeds the maximum length of {limit} characters");
        }
    }

    /// <summary>The text, cut to a number of code points.</summary>
    public static string Truncate(string text, int limit)
    {
        if (Length(text) <= limit)
        {
            return text;
        }

        var cut = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(limit))
        {
            cut.Append(rune);
        }

        return cut.ToString();
    }

    /// <summary>A key of a metric, param or tag.</summary>
    /// <param name="key">The key.</param>
    /// <param name="parameter">What the message calls it.</param>
    /// <param name="version">The server's version.</param>
    public static void CheckKey(string key, string parameter, FakeServerVersion version)
    {
        var colon = version.AtLeast(2, 16);

        // Python's $ also matches before a line feed at the end.
        var tested = key.EndsWith('\n') ? key[..^1] : key;
        if (!tested.EnumerateRunes().All(rune => IsKeyCharacter(rune, colon)))
        {
            throw InvalidValue(
                parameter,
                key,
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( )"
                    + $"{(colon ? ", colon(:)" : "")} and slashes (/).");
        }

        CheckPath(key, parameter);
    }

    /// <summary>A name that becomes a path in a file store must not stand for another one.</summary>
    public static void CheckPath(string name, string parameter)
    {
        var normal = NormalizePath(name);
        if (normal != name || normal == "." || normal.StartsWith("..", StringComparison.Ordinal) || normal.StartsWith('/'))
        {
            throw InvalidValue(
                parameter,
                name,
                "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name"
                    + $" would resolve to {PythonText.Quoted(normal)}");
        }
    }

    public static void CheckRunId(string id)
    {
        var valid = id.Length is > 0 and <= 256 && char.IsAsciiLetterOrDigit(id[0]) && id.EnumerateRunes().All(r => IsWord(r) || r.Value == '-');
        if (!valid)
        {
            throw FakeException.Invalid($"Invalid value {PythonText.Json(id)} for parameter 'run_id' supplied.");
        }
    }

    public static bool IsWord(Rune rune)
        => rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    public static FakeException InvalidValue(string parameter, string value, string reason)
        => FakeException.Invalid($"Invalid value {PythonText.Json(value)} for parameter '{parameter}' supplied: {reason}");

    private static bool IsKeyCharacter(Rune rune, bool colon)
        => IsWord(rune) || rune.Value is '/' or '.' or '-' or ' ' || (colon && rune.Value == ':');

    /// <summary>What <c>posixpath.normpath</c> makes of a path.</summary>
    private static string NormalizePath(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        var root = !path.StartsWith('/') ? "" : path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("///", StringComparison.Ordinal) ? "//" : "/";
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part.Length == 0 || part == ".")
            {
                continue;
            }

            if (part != ".." || (root.Length == 0 && parts.Count == 0) || (parts.Count > 0 && parts[^1] == ".."))
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        var normal = root + string.Join('/', parts);
        return normal.Length == 0 ? "." : normal;
    }
}
