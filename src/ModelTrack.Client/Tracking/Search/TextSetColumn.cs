namespace ModelTrack.Client.Tracking.Search;

/// <summary>Several texts, of which one has to match: a property of the data sets of a run. There is no order by it.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal sealed class TextSetColumn<T>(string name, SearchOperators operators, Func<T, IEnumerable<string?>> read)
    : SearchColumn<T>(name, operators)
{
    public override bool Sortable => false;

    public override Func<T, bool> Bind(SearchClause clause, SearchText text)
    {
        var test = TextTest.Create(Name, clause, text);
        return item => read(item).Any(value => value is not null && test(value));
    }

    public override SortKey GetSortKey(T item) => default;
}
