namespace ModelTrack.Client.Backends.Rest;

/// <summary>What a call about a registered model sends; each takes some of it.</summary>
internal sealed record WireModelRequest
{
    public string? Name { get; init; }

    public string? NewName { get; init; }

    public string? Description { get; init; }

    public List<WireTag>? Tags { get; init; }

    public string? Key { get; init; }

    public string? Value { get; init; }

    public string? Alias { get; init; }

    public string? Version { get; init; }
}

/// <summary>What a call about a version sends; each takes some of it. The number goes as a text: servers refuse another one.</summary>
internal sealed record WireVersionRequest
{
    public string? Name { get; init; }

    public string? Version { get; init; }

    public string? Description { get; init; }

    public string? Key { get; init; }

    public string? Value { get; init; }

    public string? Stage { get; init; }

    public bool? ArchiveExistingVersions { get; init; }
}

internal sealed record WireCreateVersion
{
    public string? Name { get; init; }

    public string? Source { get; init; }

    public string? RunId { get; init; }

    public string? Description { get; init; }

    public string? RunLink { get; init; }

    public string? ModelId { get; init; }

    public List<WireTag>? Tags { get; init; }
}
