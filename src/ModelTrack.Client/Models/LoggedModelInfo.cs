namespace ModelTrack.Client;

/// <summary>A model that is stored.</summary>
/// <param name="Name">The name that it was logged under.</param>
/// <param name="RunId">The run that logged it.</param>
/// <param name="ModelUri">
/// The URI by which it is loaded and registered: <c>models:/m-…</c> on a server of MLflow 3, else <c>runs:/&lt;run id&gt;/&lt;name&gt;</c>.
/// </param>
/// <param name="ModelId">The id that a server of MLflow 3 gave it; null elsewhere.</param>
/// <param name="Manifest">Its manifest, as stored.</param>
/// <param name="RegisteredModelName">The registered model of which it is a version; null when it was not registered.</param>
/// <param name="Version">Which version; null when it was not registered.</param>
public sealed record LoggedModelInfo(
    string Name, string RunId, string ModelUri, string? ModelId, ModelManifest Manifest, string? RegisteredModelName, int? Version);
