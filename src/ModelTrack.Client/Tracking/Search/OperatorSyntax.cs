namespace ModelTrack.Client.Tracking.Search;

/// <summary>How operators are written.</summary>
internal static class OperatorSyntax
{
    private static readonly (SearchOperators Operator, string Name)[] Names =
    [
        (SearchOperators.Equal, "="),
        (SearchOperators.NotEqual, "!="),
        (SearchOperators.Greater, ">"),
        (SearchOperators.GreaterOrEqual, ">="),
        (SearchOperators.Less, "<"),
        (SearchOperators.LessOrEqual, "<="),
        (SearchOperators.Like, "LIKE"),
        (SearchOperators.ILike, "ILIKE"),
        (SearchOperators.In, "IN"),
        (SearchOperators.NotIn, "NOT IN"),
        (SearchOperators.IsNull, "IS NULL"),
        (SearchOperators.IsNotNull, "IS NOT NULL"),
    ];

    /// <summary>The operators of a set, for a message.</summary>
    public static string List(SearchOperators operators)
        => string.Join(", ", Names.Where(n => operators.HasFlag(n.Operator)).Select(n => n.Name));

    /// <summary>Reads the operator at the cursor; words in any case, any number of blanks between two words of one operator.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static SearchOperators Read(SearchText text)
    {
        var start = text.Position;
        var written = text.TakeSigns();
        if (written.Length == 0)
        {
            written = text.TakeWord().ToUpperInvariant();
            if (written is "NOT" or "IS")
            {
                written += NextWord(text);
            }

            if (written == "IS NOT")
            {
                written += NextWord(text);
            }
        }

        foreach (var (known, name) in Names)
        {
            if (name == written)
            {
                return known;
            }
        }

        throw text.Error($"Expected an operator: {List(SearchOperators.All)}.", start, text.Position);
    }

    private static string NextWord(SearchText text)
    {
        text.SkipBlanks();
        return " " + text.TakeWord().ToUpperInvariant();
    }
}
