namespace ModelTrack.Client.Backends.Rest;

/// <summary>The answer to what has none.</summary>
internal sealed record WireNothing;

internal sealed record WireModelAnswer(WireRegisteredModel? RegisteredModel);

internal sealed record WireVersionAnswer(WireModelVersion? ModelVersion);

internal sealed record WireModelPage(List<WireRegisteredModel>? RegisteredModels, string? NextPageToken);

internal sealed record WireVersionPage(List<WireModelVersion>? ModelVersions, string? NextPageToken);

internal sealed record WireDownloadUri(string? ArtifactUri);
