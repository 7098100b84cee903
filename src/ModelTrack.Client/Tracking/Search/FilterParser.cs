namespace ModelTrack.Client.Tracking.Search;

/// <summary>Reads a filter into its clauses: <c>clause (AND clause)*</c>, whatever is searched for.</summary>
internal static class FilterParser
{
    public static List<SearchClause> Parse(SearchText text)
    {
        var clauses = new List<SearchClause>();
        text.SkipBlanks();
        while (true)
        {
            clauses.Add(ReadClause(text));
            text.SkipBlanks();
            if (text.AtEnd)
            {
                return clauses;
            }

            var start = text.Position;
            if (!text.TakeWord().Equals("AND", StringComparison.OrdinalIgnoreCase))
            {
                throw text.Error("Clauses can only be joined by AND; there is no OR, no BETWEEN, no parentheses and no semicolon.", start);
            }

            text.SkipBlanks();
        }
    }

    private static SearchClause ReadClause(SearchText text)
    {
        var field = ReadField(text);
        text.SkipBlanks();
        var operatorStart = text.Position;
        var found = OperatorSyntax.Read(text);
        if (SearchOperators.NullTests.HasFlag(found))
        {
            return new SearchClause(field, found, new SearchOperand(), operatorStart, text.Position, text.Position);
        }

        text.SkipBlanks();
        var operandStart = text.Position;
        var operand = SearchOperators.Lists.HasFlag(found) ? SearchOperand.ReadList(text) : SearchOperand.Read(text);
        return new SearchClause(field, found, operand, operatorStart, operandStart, text.Position);
    }

    private static SearchField ReadField(SearchText text)
    {
        var quoted = text.AtQuote;
        var field = SearchField.Read(text);
        return !quoted && field.Entity is null && field.Key.ToUpperInvariant() is "AND" or "OR" or "NOT"
            ? throw text.Error("A clause begins with a field; AND stands between two clauses, and there is no OR and no NOT.", field.Start)
            : field;
    }
}
