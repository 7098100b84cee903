namespace ModelTrack.Client.Backends;

/// <summary>What a new model version starts with.</summary>
internal sealed record VersionCreation
{
    public required string Name { get; init; }

    /// <summary>A URI; <c>models:/</c> ones only with a model id or with a version's number.</summary>
    public required string Source { get; init; }

    public string? RunId { get; init; }

    public string? RunLink { get; init; }

    public string? Description { get; init; }

    public string? ModelId { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
