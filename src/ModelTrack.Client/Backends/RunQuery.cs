namespace ModelTrack.Client.Backends;

/// <summary>A search for runs (MLflow's <c>runs/search</c>).</summary>
internal sealed record RunQuery
{
    public required IReadOnlyList<string> ExperimentIds { get; init; }

    public string? Filter { get; init; }

    public IReadOnlyList<string> OrderBy { get; init; } = [];

    public ViewType View { get; init; } = ViewType.ActiveOnly;

    public int PageSize { get; init; } = 1000;

    /// <summary>
    /// Of a run that is found only what it is (id, name, times, status) and this tag are wanted; null: everything. A store that keeps what it
    /// found for the next page need not keep more.
    /// </summary>
    public string? OnlyTag { get; init; }
}

/// <summary>A search for experiments (MLflow's <c>experiments/search</c>).</summary>
internal sealed record ExperimentQuery
{
    public string? Filter { get; init; }

    public IReadOnlyList<string> OrderBy { get; init; } = [];

    public ViewType View { get; init; } = ViewType.ActiveOnly;

    public int PageSize { get; init; } = 1000;
}
