namespace ModelTrack.Client.Fakes.Routes;

/// <summary>A point in a request.</summary>
internal readonly record struct LoggedMetric(string Key, FakePoint Point, string? ModelId, string? DatasetName, string? DatasetDigest);
