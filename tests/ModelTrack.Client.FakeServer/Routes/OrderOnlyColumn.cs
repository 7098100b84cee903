using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Fakes.Routes;

/// <summary>A number that a search can be ordered by, but not filtered.</summary>
internal sealed class OrderOnlyColumn<T>(string name, Func<T, double?> read) : SearchColumn<T>(name, SearchOperators.None)
{
    public override Func<T, bool> Bind(SearchClause clause, SearchText text) => throw new NotSupportedException();

    public override SortKey GetSortKey(T item) => new(read(item));
}
