using System.Text;

namespace ModelTrack.Client.Tracking.Search;

/// <summary>
/// A pattern of <c>LIKE</c> and <c>ILIKE</c>: <c>%</c> stands for any run of characters, <c>_</c> for one code point; there is no escape.
/// The whole text has to match. Only the latest <c>%</c> is ever tried again, so a match takes at most length × pattern length steps.
/// </summary>
internal sealed class LikePattern(string pattern, bool ignoreCase)
{
    public bool Matches(string text)
    {
        var (inText, inPattern) = (0, 0);
        var (retryText, retryPattern) = (0, -1);
        while (inText < text.Length)
        {
            if (inPattern < pattern.Length && pattern[inPattern] == '%')
            {
                (retryText, retryPattern) = (inText, ++inPattern);
            }
            else if (inPattern < pattern.Length && Same(text, inText, pattern, inPattern))
            {
                inText += LengthAt(text, inText);
                inPattern += LengthAt(pattern, inPattern);
            }
            else if (retryPattern >= 0)
            {
                retryText += LengthAt(text, retryText);
                (inText, inPattern) = (retryText, retryPattern);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(inPattern).IndexOfAnyExcept('%') < 0;
    }

    private bool Same(string text, int inText, string other, int inOther)
    {
        if (other[inOther] == '_')
        {
            return true;
        }

        var (left, right) = (CodePointAt(text, inText), CodePointAt(other, inOther));
        return left == right || (ignoreCase && Fold(left) == Fold(right));
    }

    private static int CodePointAt(string text, int index)
        => LengthAt(text, index) == 2 ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index];

    private static int LengthAt(string text, int index)
        => char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    /// <summary>The same number for all cases of a letter.</summary>
    private static int Fold(int codePoint)
        => Rune.IsValid(codePoint) ? Rune.ToLowerInvariant(Rune.ToUpperInvariant(new Rune(codePoint))).Value : codePoint;
}
