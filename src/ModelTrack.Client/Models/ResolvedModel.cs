namespace ModelTrack.Client;

/// <summary>What a model URI means at this moment.</summary>
public sealed record ResolvedModel
{
    /// <summary>
    /// The URI without anything that can move: <c>models:/name/3</c> for an alias, a stage and the latest version; else as it was given.
    /// </summary>
    public required string Uri { get; init; }

    /// <summary>Where the model's files are; null when the store does not say.</summary>
    public string? Location { get; init; }

    /// <summary>The registered model's name; null for one that was not named by it.</summary>
    public string? Name { get; init; }

    /// <summary>The version of the registered model; null for one that was not named by it.</summary>
    public int? Version { get; init; }

    /// <summary>The id of the logged model of MLflow 3 that it is; null for others.</summary>
    public string? ModelId { get; init; }

    /// <summary>The run that made it; null when that is not known.</summary>
    public string? RunId { get; init; }

    /// <summary>The path inside the model that the URI names behind it; empty for the whole model.</summary>
    public string SubPath { get; init; } = "";
}
