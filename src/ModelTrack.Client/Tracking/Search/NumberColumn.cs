namespace ModelTrack.Client.Tracking.Search;

/// <summary>
/// A number: a metric or a time. A missing one matches nothing. NaN is compared as IEEE 754 and Python do: it matches <c>!=</c> and
/// nothing else.
/// </summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class NumberColumn<T>(string name, Func<T, double?> read, SearchOperators operators = SearchOperators.Numbers)
    : SearchColumn<T>(name, operators)
{
    public override Func<T, bool> Bind(SearchClause clause, SearchText text)
    {
        if (clause.Operand.Number is not { } limit)
        {
            throw text.Error(
                $"'{Name}' is a number and is compared with an unquoted one, such as 1, -0.5 or 1e-3.", clause.OperandStart, clause.End);
        }

        // A comparison with null is false; for != that has to be said.
        return clause.Operator switch
        {
            SearchOperators.Equal => item => read(item) == limit,
            SearchOperators.NotEqual => item => read(item) is { } value && value != limit,
            SearchOperators.Greater => item => read(item) > limit,
            SearchOperators.GreaterOrEqual => item => read(item) >= limit,
            SearchOperators.Less => item => read(item) < limit,
            _ => item => read(item) <= limit,
        };
    }

    public override SortKey GetSortKey(T item) => new(read(item));
}
