namespace ModelTrack.Client.Fakes;

/// <summary>The points of one metric of a run.</summary>
internal sealed class MetricSeries
{
    private static readonly Comparison<FakePoint> ByTime = (left, right)
        => (left.Timestamp, left.Step, Rank(left.Value)).CompareTo((right.Timestamp, right.Step, Rank(right.Value)));

    private readonly List<FakePoint> _points = [];
    private readonly HashSet<FakePoint> _distinct = [];
    private List<FakePoint>? _ordered;

    /// <summary>The points in the order of their arrival.</summary>
    public IReadOnlyList<FakePoint> Points => _points;

    /// <summary>The points by timestamp, step and value, as a database gives them.</summary>
    public IReadOnlyList<FakePoint> Ordered
    {
        get
        {
            if (_ordered is null)
            {
                _ordered = [.. _points];
                _ordered.Sort(ByTime);
            }

            return _ordered;
        }
    }

    /// <summary>The greatest point by step, timestamp and value.</summary>
    public FakePoint Latest { get; private set; }

    /// <summary>Whether the file of the metric cannot be read any more: the name of a data set with a blank broke a line of it.</summary>
    public bool IsMalformed { get; set; }

    public bool Contains(FakePoint point) => _distinct.Contains(point);

    /// <param name="point">The point.</param>
    /// <param name="distinct">Whether the point will be looked for by <see cref="Contains"/>.</param>
    public void Add(FakePoint point, bool distinct)
    {
        if (_points.Count == 0 || IsGreater(point, Latest, distinct))
        {
            Latest = point;
        }

        _points.Add(point);
        _ordered = null;
        if (distinct)
        {
            _distinct.Add(point);
        }
    }

    /// <summary>Whether one point is later than the other; a database has 0 in place of NaN, Python compares NaN itself.</summary>
    private static bool IsGreater(FakePoint point, FakePoint other, bool inDatabase)
        => point.Step != other.Step ? point.Step > other.Step
            : point.Timestamp != other.Timestamp ? point.Timestamp > other.Timestamp
            : inDatabase ? Rank(point.Value) > Rank(other.Value) : point.Value > other.Value;

    private static double Rank(double value) => double.IsNaN(value) ? 0 : value;
}
