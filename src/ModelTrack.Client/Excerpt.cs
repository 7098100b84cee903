using System.Globalization;
using System.Text;

namespace ModelTrack.Client;

/// <summary>How a user's text is shown in a message: quoted, shortened, and with nothing in it that a terminal would obey.</summary>
internal static class Excerpt
{
    public const int MaxLength = 100;

    public static string Of(ReadOnlySpan<char> text)
    {
        var shown = text.Length > MaxLength ? text[..WholeCharacters(text, MaxLength)] : text;
        var result = new StringBuilder(shown.Length + 3).Append('"');
        for (var i = 0; i < shown.Length;)
        {
            if (Rune.DecodeFromUtf16(shown[i..], out var rune, out var used) != System.Buffers.OperationStatus.Done)
            {
                AppendEscape(result, shown[i]);
                used = 1;
            }
            else if (IsInvisible(rune))
            {
                foreach (var c in shown.Slice(i, used))
                {
                    AppendEscape(result, c);
                }
            }
            else
            {
                result.Append(shown.Slice(i, used));
            }

            i += used;
        }

        return result.Append(shown.Length < text.Length ? "…\"" : "\"").ToString();
    }

    /// <summary>The character that begins at <paramref name="index"/>, with its number: <c>'#' (U+0023)</c>.</summary>
    public static string CharacterAt(ReadOnlySpan<char> text, int index)
    {
        if (Rune.DecodeFromUtf16(text[index..], out var rune, out _) != System.Buffers.OperationStatus.Done)
        {
            return string.Create(CultureInfo.InvariantCulture, $"half of a surrogate pair (U+{(int)text[index]:X4})");
        }

        return IsInvisible(rune)
            ? string.Create(CultureInfo.InvariantCulture, $"the control character U+{rune.Value:X4}")
            : string.Create(CultureInfo.InvariantCulture, $"'{rune}' (U+{rune.Value:X4})");
    }

    private static int WholeCharacters(ReadOnlySpan<char> text, int length)
        => char.IsHighSurrogate(text[length - 1]) && char.IsLowSurrogate(text[length]) ? length - 1 : length;

    // Format characters too: among them are those that turn the reading direction of a terminal.
    private static bool IsInvisible(Rune rune)
        => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static void AppendEscape(StringBuilder result, char c)
    {
        switch (c)
        {
            case '\n': result.Append(@"\n"); break;
            case '\r': result.Append(@"\r"); break;
            case '\t': result.Append(@"\t"); break;
            default: result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"); break;
        }
    }
}
