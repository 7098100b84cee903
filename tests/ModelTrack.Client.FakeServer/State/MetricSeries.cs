namespace ModelTrack.Client.Fakes;

/// <summary>The points of one metric of a run.</summary>
internal sealed class MetricSeries
{
    private static readonly Comparison<FakePoint> ByTime = (left, right)
        => (left.Timestamp, left.Step, Rank(left.Value)).CompareTo((right.Timestamp, right.Step, Rank(right.Value)));

    private readonly List<FakePoint> _points = [];
    private readonly HashSet<FakePoint> _distinct = [];
    private readonly Dictionary<int, (string Name, string Digest)> _datasets = [];
    private List<FakePoint>? _ordered;
    private int _latest;

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
    public FakePoint Latest => _points[_latest];

    /// <summary>The data set of the latest point, which a file has and a database has not.</summary>
    public (string Name, string Digest)? LatestDataset => DatasetOf(_latest);

    /// <summary>Whether the file of the metric cannot be read any more: the name of a data set with a blank broke a line of it.</summary>
    public bool IsMalformed { get; set; }

    /// <summary>
    /// Keeps a point's place; false when there is an equal one. <see cref="Add(FakePoint, bool)"/> or <see cref="Release"/> has to follow.
    /// </summary>
    public bool TryReserve(FakePoint point) => _distinct.Add(point);

    public void Release(FakePoint point) => _distinct.Remove(point);

    public bool Contains(FakePoint point) => _distinct.Contains(point);

    /// <param name="point">The point.</param>
    /// <param name="distinct">Whether the point will be looked for by <see cref="Contains"/>.</param>
    public void Add(FakePoint point, bool distinct)
    {
        _points.Add(point);
        if (IsGreater(point, Latest, distinct))
        {
            _latest = _points.Count - 1;
        }

        _ordered = null;
        if (distinct)
        {
            _distinct.Add(point);
        }
    }

    /// <summary>Adds a point that was measured on a data set.</summary>
    public void Add(FakePoint point, string datasetName, string datasetDigest)
    {
        _datasets.Add(_points.Count, (datasetName, datasetDigest));
        Add(point, distinct: false);
    }

    /// <summary>The data set of a point, by its place among <see cref="Points"/>; null when it has none.</summary>
    public (string Name, string Digest)? DatasetOf(int place) => _datasets.TryGetValue(place, out var dataset) ? dataset : null;

    /// <summary>Whether one point is later than the other; a database has 0 in place of NaN, Python compares NaN itself.</summary>
    private static bool IsGreater(FakePoint point, FakePoint other, bool inDatabase)
        => point.Step != other.Step ? point.Step > other.Step
            : point.Timestamp != other.Timestamp ? point.Timestamp > other.Timestamp
            : inDatabase ? Rank(point.Value) > Rank(other.Value) : point.Value > other.Value;

    private static double Rank(double value) => double.IsNaN(value) ? 0 : value;
}
