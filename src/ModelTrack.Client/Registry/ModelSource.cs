namespace ModelTrack.Client;

/// <summary>What a model version is made from.</summary>
/// <param name="Uri">Where the model is.</param>
/// <param name="RunId">The run that made it, if it is known.</param>
/// <param name="ModelId">The logged model that it is, if it is one.</param>
internal sealed record ModelSource(string Uri, string? RunId, string? ModelId);
