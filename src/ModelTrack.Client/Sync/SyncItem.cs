namespace ModelTrack.Client;

/// <summary>What became of one experiment, run, registered model or version in a sync.</summary>
public sealed record SyncItem
{
    /// <summary>What it is.</summary>
    public required SyncItemKind Kind { get; init; }

    /// <summary>Its name; of a version the registered model's.</summary>
    public required string Name { get; init; }

    /// <summary>Its id in the source; of a version the number; of a registered model the name.</summary>
    public required string SourceId { get; init; }

    /// <summary>The copy's id in the target; null when there is none.</summary>
    public string? TargetId { get; init; }

    /// <summary>What became of it.</summary>
    public SyncOutcome Outcome { get; init; }

    /// <summary>It was not in the target before, not even a part of it.</summary>
    public bool IsNew { get; init; }

    /// <summary>How much of it was copied.</summary>
    public SyncCounts Copied { get; init; } = new();

    /// <summary>Where the target differs or refuses, one sentence each; at most 100.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Failure { get; init; }
}
