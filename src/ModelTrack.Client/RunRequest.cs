namespace ModelTrack.Client;

/// <summary>What the caller said about the run to start.</summary>
internal sealed record RunRequest
{
    public string? Name { get; init; }

    public string? ExperimentName { get; init; }

    public string? ExperimentId { get; init; }

    public IEnumerable<KeyValuePair<string, string>>? Tags { get; init; }

    public string? Description { get; init; }

    /// <summary>The run to go on with.</summary>
    public string? RunId { get; init; }

    public string? ParentRunId { get; init; }

    /// <summary>The parent's <see cref="Journal.RunDefinition.Key"/>, where it has no id yet.</summary>
    public string? ParentKey { get; init; }

    /// <summary>The caller's thread waits until it has started; with the pool's threads all busy it must not wait for the server's answer.</summary>
    public bool Blocks { get; init; }
}
