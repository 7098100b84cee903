namespace ModelTrack.Client.MLNet;

/// <summary>The model that a <see cref="ModelTrackModel"/> answers with.</summary>
public sealed record ServedModel
{
    /// <summary>The URI without anything that can move: <c>models:/name/3</c>.</summary>
    public required string Uri { get; init; }

    /// <summary>The registered model's name; null for one that was not named by it.</summary>
    public string? Name { get; init; }

    /// <summary>The version of the registered model; null for one that was not named by it.</summary>
    public int? Version { get; init; }

    /// <summary>The id of the logged model of MLflow 3 that it is; null for others.</summary>
    public string? ModelId { get; init; }

    /// <summary>The run that made it; null when that is not known.</summary>
    public string? RunId { get; init; }

    /// <summary>What the model takes and gives; null when that is not said.</summary>
    public ModelSignature? Signature { get; init; }

    /// <summary>Since when it answers in this process.</summary>
    public required DateTimeOffset LoadedAt { get; init; }
}
