namespace ModelTrack.Client.Backends.Rest.Wire;

/// <param name="Path">From the run's root on.</param>
/// <param name="IsDir">A folder.</param>
/// <param name="FileSize">Absent for folders and for empty files.</param>
internal sealed record WireFile(string Path, bool IsDir, long? FileSize);

internal sealed record ListArtifactsResponse(string? RootUri, IReadOnlyList<WireFile>? Files, string? NextPageToken);
