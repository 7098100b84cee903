namespace ModelTrack.Client.Backends;

/// <summary>What was logged of a model itself, beside its files.</summary>
/// <param name="Params">Its params.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Metrics">Points of runs that are about it.</param>
internal sealed record LoggedModelRecords(
    IReadOnlyDictionary<string, string> Params, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<LoggedModelMetric> Metrics);

/// <param name="RunId">The run that logged it, which need not be the one that made the model.</param>
/// <param name="Key">The metric's key.</param>
/// <param name="Point">The point.</param>
/// <param name="DatasetName">The data set that it is about, with its digest or not at all.</param>
/// <param name="DatasetDigest">That data set's digest.</param>
internal sealed record LoggedModelMetric(string RunId, string Key, MetricPoint Point, string? DatasetName, string? DatasetDigest);
