namespace ModelTrack.Client;

/// <summary>A model that was found, and what its files are read from.</summary>
/// <param name="Model">What it is.</param>
/// <param name="Files">Its files.</param>
internal sealed record ModelContent(ResolvedModel Model, ArtifactSource Files);
