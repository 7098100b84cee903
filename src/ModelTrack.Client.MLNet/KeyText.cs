using System.Text;

namespace ModelTrack.Client.MLNet;

/// <summary>Makes parts of keys from names that may be anything.</summary>
internal static class KeyText
{
    private const int MaxLength = 100;

    /// <summary>From ML.NET's <c>NumberOfLeaves</c> to <c>number_of_leaves</c>.</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var startsWord = char.IsUpper(c) && i > 0
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (startsWord && name[i - 1] != '_')
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>
    /// Names as parts of keys: what no key may have becomes <c>_</c>; names that became alike are numbered, in their order.
    /// </summary>
    public static IReadOnlyList<string> Distinct(IReadOnlyList<string> names)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var parts = new List<string>(names.Count);
        foreach (var name in names)
        {
            var part = Part(name);
            var unique = part;
            for (var n = 2; !taken.Add(unique); n++)
            {
                unique = FormattableString.Invariant($"{part}_{n}");
            }

            parts.Add(unique);
        }

        return parts;
    }

    private static string Part(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name.Length > MaxLength ? name[..MaxLength] : name)
        {
            text.Append(char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or ' ' ? c : '_');
        }

        var part = text.ToString().Trim();
        return part.Trim('.').Length == 0 ? "_" : part.StartsWith("..", StringComparison.Ordinal) ? "_" + part : part;
    }
}
