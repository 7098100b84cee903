namespace ModelTrack.Client.Tests.Tracking.Search;

/// <summary>Runs to search in.</summary>
internal static class Runs
{
    public static RunSnapshot Create(
        string id = "a1",
        long start = 0,
        (string Key, double Value)[]? metrics = null,
        (string Key, string Value)[]? parameters = null,
        (string Key, string Value)[]? tags = null) => new()
        {
            Id = id,
            ExperimentId = "0",
            StartTime = DateTimeOffset.FromUnixTimeMilliseconds(start),
            Metrics = (metrics ?? []).ToDictionary(m => m.Key, m => new MetricPoint(m.Value, 0, 0)),
            Params = (parameters ?? []).ToDictionary(p => p.Key, p => p.Value),
            Tags = (tags ?? []).ToDictionary(t => t.Key, t => t.Value),
        };

    public static DatasetInput Dataset(string name, string digest, string? context) => new(
        name,
        digest,
        "local",
        "{}",
        null,
        null,
        context is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["mlflow.data.context"] = context });
}
