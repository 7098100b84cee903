namespace ModelTrack.Client.Tracking.Search;

/// <summary>A search for runs, evaluated in memory. Immutable; safe for use from several threads.</summary>
internal sealed class RunSearch
{
    private readonly SearchFilter<RunSnapshot> _filter;
    private readonly SearchOrder<RunSnapshot> _order;

    private RunSearch(SearchFilter<RunSnapshot> filter, SearchOrder<RunSnapshot> order) => (_filter, _order) = (filter, order);

    /// <summary>Reads a filter and an order.</summary>
    /// <exception cref="ArgumentException">One of them is malformed; the parameter's name says which.</exception>
    public static RunSearch Parse(string? filter, IReadOnlyList<string> orderBy) => new(
        SearchFilter<RunSnapshot>.Parse(RunSearchSchema.Instance, filter),
        SearchOrder<RunSnapshot>.Parse(RunSearchSchema.Instance, orderBy));

    public bool Matches(RunSnapshot run) => _filter.Matches(run);

    public void Sort(List<RunSnapshot> runs) => _order.Sort(runs);

    /// <summary>Sorts anything that goes by the keys of a run.</summary>
    public void Sort<T>(List<T> hits, Func<T, SortKey[]> keysOf) => _order.Sort(hits, keysOf);

    /// <summary>What a run is sorted by.</summary>
    public SortKey[] KeysOf(RunSnapshot run) => _order.KeysOf(run);

    /// <summary>Whether the filter or the order asks for an entity, such as <c>metrics</c>.</summary>
    public bool AsksFor(string entity) => _filter.Entities.Contains(entity) || _order.Entities.Contains(entity);
}
