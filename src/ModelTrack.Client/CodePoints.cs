using System.Buffers;
using System.Globalization;
using System.Text;

namespace ModelTrack.Client;

/// <summary>Text as Python sees it: counted in code points, with Python's idea of a word character.</summary>
internal static class CodePoints
{
    // Not IndexOfAnyInRange, whose null checks box the characters until the JIT optimises it.
    private static readonly SearchValues<char> Surrogates
        = SearchValues.Create(Enumerable.Range(0xD800, 0x800).Select(c => (char)c).ToArray());

    /// <summary>Python's <c>len</c>. Half a surrogate pair counts as one.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i]))
            {
                count--;
                i++;
            }
        }

        return count;
    }

    /// <summary>Where the first half of a surrogate pair stands alone (such text has no UTF-8 form), or -1.</summary>
    public static int IndexOfLoneSurrogate(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAny(Surrogates); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return i;
            }

            i++;
        }

        return -1;
    }

    /// <summary>The first character that <paramref name="allowed"/> does not hold and that is no word character, or -1.</summary>
    public static int IndexOfForbidden(ReadOnlySpan<char> text, SearchValues<char> allowed)
    {
        for (var i = text.IndexOfAnyExcept(allowed); i >= 0 && i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text[i..], out var rune, out var used) != OperationStatus.Done
                || (!IsWord(rune) && !(rune.IsBmp && allowed.Contains((char)rune.Value))))
            {
                return i;
            }

            i += used;
        }

        return -1;
    }

    /// <summary>
    /// <c>\w</c> of Python's <c>re</c>: letters, every kind of digit and number, the underscore. Unlike .NET's own it holds neither
    /// combining marks nor other connectors.
    /// </summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => true,
        _ => false,
    };
}
