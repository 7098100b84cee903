namespace ModelTrack.Client.Journal;

/// <summary>
/// What a run is to be created from, in a store that gives the ids: now, when the store is back, or by another process. Tags that the user
/// gave are not here; they are records like others.
/// </summary>
internal sealed record RunPlan
{
    /// <summary>Null: <see cref="ExperimentName"/> says which. Where both are given they must be those of one experiment.</summary>
    public string? ExperimentId { get; init; }

    /// <summary>Created when it is new.</summary>
    public string? ExperimentName { get; init; }

    public required string Name { get; init; }

    /// <summary>In milliseconds since 1970.</summary>
    public required long StartTime { get; init; }

    public string UserId { get; init; } = "unknown";

    /// <summary>The <see cref="RunDefinition.Key"/> of a parent that had no id either.</summary>
    public string? ParentKey { get; init; }

    /// <summary>Where the run comes from.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
