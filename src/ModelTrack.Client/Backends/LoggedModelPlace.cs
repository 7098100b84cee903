namespace ModelTrack.Client.Backends;

/// <summary>What the registry has to know of a logged model of MLflow 3.</summary>
/// <param name="ModelId">Its id.</param>
/// <param name="ArtifactUri">Where its files are.</param>
/// <param name="SourceRunId">The run that logged it, or null.</param>
internal sealed record LoggedModelPlace(string ModelId, string ArtifactUri, string? SourceRunId)
{
    /// <summary>A <see cref="Fault"/>.</summary>
    public const string IsPending = "its files are on the way still";

    /// <summary>A <see cref="Fault"/>.</summary>
    public const string HasFailed = "its files could not be stored when it was logged";

    public string Name { get; init; } = "";

    public string? ModelType { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The folder on this machine that has its files, also where the store was moved since; null when it is not known.</summary>
    public string? Folder { get; init; }

    /// <summary>What is wrong with its files: they are on the way still, or could not be stored. Null when nothing is known to be.</summary>
    public string? Fault { get; init; }
}
