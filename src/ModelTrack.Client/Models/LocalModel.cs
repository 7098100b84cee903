namespace ModelTrack.Client;

/// <summary>
/// A model on the local disk, whole and checked. Its files are the cache's: read them, change nothing. They stay until the cache needs the
/// room and others were used more recently.
/// </summary>
public sealed record LocalModel
{
    /// <summary>The URI without anything that can move; see <see cref="ResolvedModel.Uri"/>.</summary>
    public required string Uri { get; init; }

    /// <summary>The full path of the model's folder; of the file or folder inside it, when the URI names one.</summary>
    public required string Path { get; init; }

    /// <summary>The full path of the model's folder, in which the file <c>MLmodel</c> is.</summary>
    public required string Folder { get; init; }

    /// <summary>The model's manifest.</summary>
    public required ModelManifest Manifest { get; init; }

    /// <summary>The registered model's name; null for one that was not named by it.</summary>
    public string? Name { get; init; }

    /// <summary>The version of the registered model; null for one that was not named by it.</summary>
    public int? Version { get; init; }

    /// <summary>The id of the logged model of MLflow 3 that it is; null for others.</summary>
    public string? ModelId { get; init; }

    /// <summary>The run that made it; null when that is not known.</summary>
    public string? RunId { get; init; }

    /// <summary>Whether nothing had to be copied: the cache had it.</summary>
    public bool WasCached { get; init; }

    /// <summary>What the model takes and gives; null when that is not said.</summary>
    public ModelSignature? Signature => Manifest.Signature;
}
