namespace ModelTrack.Client.Backends.Memory;

/// <summary>The points of one metric, in the order of logging, and the latest of them.</summary>
internal sealed class MemoryMetric(MetricPoint first)
{
    private readonly List<MetricPoint> _points = [first];

    public MetricPoint Latest { get; private set; } = first;

    public void Add(MetricPoint point)
    {
        _points.Add(point);
        if (MetricOrder.IsLater(point, Latest))
        {
            Latest = point;
        }
    }

    public MetricPoint[] ToArray() => [.. _points];
}
