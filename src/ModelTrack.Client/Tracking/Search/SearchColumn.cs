namespace ModelTrack.Client.Tracking.Search;

/// <summary>A field that can be searched: how to read it from an item, and which operators it takes.</summary>
/// <typeparam name="T">What is searched for.</typeparam>
internal abstract class SearchColumn<T>(string name, SearchOperators operators)
{
    public string Name { get; } = name;

    /// <summary>What a filter may do with it; none when it can only be sorted by.</summary>
    public SearchOperators Operators { get; } = operators;

    /// <summary>False when there is no order by it.</summary>
    public virtual bool Sortable => true;

    /// <summary>Makes the test of a clause, whose operator is one of <see cref="Operators"/>.</summary>
    /// <exception cref="ArgumentException">The operand is of the wrong kind.</exception>
    public abstract Func<T, bool> Bind(SearchClause clause, SearchText text);

    public abstract SortKey GetSortKey(T item);
}
