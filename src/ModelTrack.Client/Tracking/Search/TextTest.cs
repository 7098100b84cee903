namespace ModelTrack.Client.Tracking.Search;

/// <summary>Makes the test of a clause for a text that is there.</summary>
internal static class TextTest
{
    public static Func<string, bool> Create(string name, SearchClause clause, SearchText text)
    {
        if (clause.Operand.List is { } list)
        {
            var set = list.ToHashSet(StringComparer.Ordinal);
            return clause.Operator == SearchOperators.In ? set.Contains : value => !set.Contains(value);
        }

        if (clause.Operand.Text is not { } wanted)
        {
            throw text.Error($"'{name}' is a text and is compared with a quoted one, such as 'a'.", clause.OperandStart, clause.End);
        }

        return clause.Operator switch
        {
            SearchOperators.Equal => value => value == wanted,
            SearchOperators.NotEqual => value => value != wanted,
            SearchOperators.Like => new LikePattern(wanted, ignoreCase: false).Matches,
            _ => new LikePattern(wanted, ignoreCase: true).Matches,
        };
    }
}
