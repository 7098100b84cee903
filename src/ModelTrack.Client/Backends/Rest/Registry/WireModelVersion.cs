namespace ModelTrack.Client.Backends.Rest;

/// <summary>A version as servers send it. The number comes as a text.</summary>
internal sealed record WireModelVersion
{
    public string? Name { get; init; }

    public int Version { get; init; }

    public long CreationTimestamp { get; init; }

    public long LastUpdatedTimestamp { get; init; }

    public string? CurrentStage { get; init; }

    public string? Description { get; init; }

    public string? Source { get; init; }

    public string? RunId { get; init; }

    /// <summary>Open-source servers know it and do not send it.</summary>
    public string? ModelId { get; init; }

    public string? Status { get; init; }

    public string? StatusMessage { get; init; }

    public List<WireTag>? Tags { get; init; }

    public string? RunLink { get; init; }

    public List<string>? Aliases { get; init; }

    public ModelVersion ToVersion() => new()
    {
        Name = Name ?? "",
        Version = Version,
        CreationTime = UnixTime.Of(CreationTimestamp),
        LastUpdateTime = UnixTime.Of(LastUpdatedTimestamp),
        Stage = Enum.TryParse<ModelStage>(CurrentStage, ignoreCase: true, out var stage) ? stage : ModelStage.None,
        Description = Description.OrNull(),
        Source = Source ?? "",
        RunId = RunId.OrNull(),
        ModelId = ModelId.OrNull() ?? ModelIdOf(Source),
        Status = Status switch
        {
            "PENDING_REGISTRATION" => ModelVersionStatus.PendingRegistration,
            "FAILED_REGISTRATION" => ModelVersionStatus.FailedRegistration,
            _ => ModelVersionStatus.Ready,
        },
        StatusMessage = StatusMessage.OrNull(),
        Tags = WireTag.ToDictionary(Tags),
        RunLink = RunLink.OrNull(),
        Aliases = [.. (Aliases ?? []).Order(StringComparer.Ordinal)],
    };

    private static string? ModelIdOf(string? source)
        => source?.StartsWith("models:/m-", StringComparison.Ordinal) == true && !source.AsSpan("models:/".Length).Contains('/')
            ? source["models:/".Length..]
            : null;
}
