namespace ModelTrack.Client.Fakes;

/// <summary>A data set of an experiment, known by its name and digest.</summary>
/// <param name="Name">The name.</param>
/// <param name="Digest">The fingerprint.</param>
/// <param name="SourceType">The kind of its source.</param>
/// <param name="Source">The source.</param>
/// <param name="Schema">The schema, or null.</param>
/// <param name="Profile">The profile, or null.</param>
public sealed record FakeDataset(string Name, string Digest, string SourceType, string Source, string? Schema, string? Profile);
