using System.Buffers;
using System.Runtime.InteropServices;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// The points of a batch by key, in order of logging within the key: chains of indices in two pooled arrays, nothing per point.
/// Groups are numbered in the order in which their keys first appear, which a repeated batch repeats.
/// </summary>
internal sealed class MetricGroups : IDisposable
{
    private readonly List<MetricRecord> _points;
    private readonly Dictionary<int, int> _groupOfKey = [];
    private readonly List<Group> _groups = [];
    private readonly int[] _next;

    public MetricGroups(List<MetricRecord> points)
    {
        _points = points;
        _next = ArrayPool<int>.Shared.Rent(Math.Max(points.Count, 1));
        var span = CollectionsMarshal.AsSpan(points);
        int lastKey = 0, lastGroup = -1;
        for (var i = 0; i < span.Length; i++)
        {
            // Points of one key often come in a row; the table is asked only when the key changes.
            if (lastGroup < 0 || span[i].KeyNumber != lastKey)
            {
                lastKey = span[i].KeyNumber;
                lastGroup = GroupOf(lastKey, i);
            }

            ref var group = ref CollectionsMarshal.AsSpan(_groups)[lastGroup];
            _next[group.Last] = i;
            group.Last = i;
            _next[i] = -1;
        }
    }

    public int Count => _groups.Count;

    public int KeyNumber(int group) => _points[_groups[group].First].KeyNumber;

    public string Key(int group) => _points[_groups[group].First].Key;

    /// <summary>Forms the lines of a group's points; what the buffer held before is gone.</summary>
    public void Format(int group, LineBuffer lines)
    {
        lines.Clear();
        var span = CollectionsMarshal.AsSpan(_points);
        for (var i = _groups[group].First; i >= 0; i = _next[i])
        {
            lines.Add(span[i].Point);
        }
    }

    /// <summary>The places of a group's points in the batch.</summary>
    public IEnumerable<int> Indices(int group)
    {
        for (var i = _groups[group].First; i >= 0; i = _next[i])
        {
            yield return i;
        }
    }

    public void Dispose() => ArrayPool<int>.Shared.Return(_next);

    private int GroupOf(int keyNumber, int firstPoint)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groupOfKey, keyNumber, out var known);
        if (!known)
        {
            group = _groups.Count;
            _groups.Add(new Group { First = firstPoint, Last = firstPoint });
        }

        return group;
    }

    private struct Group
    {
        public int First;
        public int Last;
    }
}
