namespace ModelTrack.Client.Tracking.Search;

/// <summary>A text: a param, a tag or an attribute. A missing one matches only <c>IS NULL</c>, not even <c>!=</c>.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class TextColumn<T>(string name, SearchOperators operators, Func<T, string?> read) : SearchColumn<T>(name, operators)
{
    public override Func<T, bool> Bind(SearchClause clause, SearchText text)
    {
        switch (clause.Operator)
        {
            case SearchOperators.IsNull:
                return item => read(item) is null;
            case SearchOperators.IsNotNull:
                return item => read(item) is not null;
            default:
                var test = TextTest.Create(Name, clause, text);
                return item => read(item) is { } value && test(value);
        }
    }

    public override SortKey GetSortKey(T item) => new(read(item));
}
