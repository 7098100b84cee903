namespace ModelTrack.Client.Fakes;

/// <summary>A point of a metric that belongs to a logged model.</summary>
/// <param name="Key">The metric's name.</param>
/// <param name="Point">The point.</param>
/// <param name="RunId">The run that logged it.</param>
/// <param name="DatasetName">The name of the data set it was measured on, or null.</param>
/// <param name="DatasetDigest">The digest of that data set, or null.</param>
public sealed record FakeModelMetric(string Key, FakePoint Point, string RunId, string? DatasetName, string? DatasetDigest);
