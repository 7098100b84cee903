namespace ModelTrack.Client.Tracking.Search;

/// <summary>
/// Orders texts by code point, as Python and SQLite do. The ordinal order of .NET differs from it where a text has characters beyond
/// U+FFFF: it compares their surrogates, which come before U+E000.
/// </summary>
internal static class CodePointOrder
{
    public static int Compare(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        return common == left.Length || common == right.Length
            ? left.Length.CompareTo(right.Length)
            : Rank(left[common]).CompareTo(Rank(right[common]));
    }

    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
