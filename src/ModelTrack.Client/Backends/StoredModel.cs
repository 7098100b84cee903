namespace ModelTrack.Client.Backends;

/// <summary>Where a model went.</summary>
/// <param name="ModelId">The id of a logged model of MLflow 3; null for one among the run's artifacts.</param>
/// <param name="ModelUri">The URI that it is registered by.</param>
/// <param name="Manifest">The manifest as stored.</param>
internal sealed record StoredModel(string? ModelId, string ModelUri, ModelManifest Manifest);
