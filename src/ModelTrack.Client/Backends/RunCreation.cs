namespace ModelTrack.Client.Backends;

/// <summary>What a new run starts with.</summary>
internal sealed record RunCreation
{
    /// <summary>The id to give it, where the client may choose; null: the store makes one.</summary>
    public string? RunId { get; init; }

    public required string ExperimentId { get; init; }

    /// <summary>Null: the store makes one up.</summary>
    public string? Name { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    public string UserId { get; init; } = "unknown";

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
