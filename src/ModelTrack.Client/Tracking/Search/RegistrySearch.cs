namespace ModelTrack.Client.Tracking.Search;

/// <summary>A search of the model registry, evaluated in memory. Immutable; safe for use from several threads.</summary>
/// <typeparam name="T">Registered models or versions.</typeparam>
internal sealed class RegistrySearch<T>
{
    private readonly SearchFilter<T> _filter;
    private readonly SearchFilter<T> _prompts;
    private readonly SearchOrder<T> _order;

    private RegistrySearch(SearchFilter<T> filter, SearchFilter<T> prompts, SearchOrder<T> order)
        => (_filter, _prompts, _order) = (filter, prompts, order);

    /// <summary>Reads a filter and an order. As in MLflow, prompts are left out unless the filter asks for them.</summary>
    /// <exception cref="ArgumentException">One of them is malformed; the parameter's name says which.</exception>
    public static RegistrySearch<T> Parse(SearchSchema<T> schema, string? filter, IReadOnlyList<string> orderBy)
    {
        var asksForPrompts = filter?.Contains(RegistryRules.PromptTag, StringComparison.Ordinal) == true;
        return new RegistrySearch<T>(
            SearchFilter<T>.Parse(schema, filter),
            SearchFilter<T>.Parse(schema, asksForPrompts ? null : $"tags.`{RegistryRules.PromptTag}` != 'true'"),
            SearchOrder<T>.Parse(schema, orderBy));
    }

    public bool Matches(T item) => _filter.Matches(item) && _prompts.Matches(item);

    public void Sort(List<T> items) => _order.Sort(items);
}
