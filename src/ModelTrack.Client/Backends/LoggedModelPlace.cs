namespace ModelTrack.Client.Backends;

/// <summary>What the registry has to know of a logged model of MLflow 3.</summary>
/// <param name="ModelId">Its id.</param>
/// <param name="ArtifactUri">Where its files are.</param>
/// <param name="SourceRunId">The run that logged it, or null.</param>
internal sealed record LoggedModelPlace(string ModelId, string ArtifactUri, string? SourceRunId)
{
    /// <summary>What is wrong with its files: they are on the way still, or could not be stored. Null when nothing is known to be.</summary>
    public string? Fault { get; init; }
}
