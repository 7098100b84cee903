using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest.Wire;

internal sealed record WireMetric(
    string Key,
    double Value,
    long Timestamp,
    long Step,
    string? ModelId = null,
    string? DatasetName = null,
    string? DatasetDigest = null,
    string? RunId = null) : IJsonOnDeserialized
{
    public MetricPoint ToPoint() => new(Value, Step, Timestamp);

    public void OnDeserialized() => Answers.RequireText(Key, "key");
}

/// <param name="RunId">The run.</param>
/// <param name="Key">The metric's key.</param>
/// <param name="Value">The value.</param>
/// <param name="Timestamp">Milliseconds.</param>
/// <param name="Step">Absent means 0.</param>
/// <param name="ModelId">The logged model that it is about (MLflow 3).</param>
/// <param name="DatasetName">The data set that it is about (MLflow 3), with its digest or not at all.</param>
/// <param name="DatasetDigest">That data set's digest.</param>
internal sealed record LogMetricRequest(
    string RunId,
    string Key,
    double Value,
    long Timestamp,
    long? Step = null,
    string? ModelId = null,
    string? DatasetName = null,
    string? DatasetDigest = null);

internal sealed record LinkMetricsRequest(string RunId, IReadOnlyList<WireMetric> Metrics);

internal sealed record MetricsResponse(IReadOnlyList<WireMetric>? Metrics, string? NextPageToken);
