namespace ModelTrack.Client.Tracking.Search;

/// <summary>A search for experiments, evaluated in memory. Immutable; safe for use from several threads.</summary>
internal sealed class ExperimentSearch
{
    private readonly SearchFilter<Experiment> _filter;
    private readonly SearchOrder<Experiment> _order;

    private ExperimentSearch(SearchFilter<Experiment> filter, SearchOrder<Experiment> order) => (_filter, _order) = (filter, order);

    /// <summary>Reads a filter and an order.</summary>
    /// <exception cref="ArgumentException">One of them is malformed; the parameter's name says which.</exception>
    public static ExperimentSearch Parse(string? filter, IReadOnlyList<string> orderBy) => new(
        SearchFilter<Experiment>.Parse(ExperimentSearchSchema.Instance, filter),
        SearchOrder<Experiment>.Parse(ExperimentSearchSchema.Instance, orderBy));

    public bool Matches(Experiment experiment) => _filter.Matches(experiment);

    public void Sort(List<Experiment> experiments) => _order.Sort(experiments);
}
