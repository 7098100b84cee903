namespace ModelTrack.Client.Backends;

/// <summary>A search of the registry, for models or for versions.</summary>
internal sealed record RegistryQuery
{
    public string? Filter { get; init; }

    public IReadOnlyList<string> OrderBy { get; init; } = [];

    public int PageSize { get; init; } = 1000;
}
