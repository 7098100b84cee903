using System.Diagnostics.CodeAnalysis;

namespace ModelTrack.Client.Journal;

/// <summary>
/// Goes through the records of a held segment. Where there is no whole record (a hole, a torn or damaged one) it looks on from the next
/// multiple of 8: the end is the end of the range and nothing else.
/// </summary>
internal unsafe ref struct SegmentScan(Segment segment, int from, int end)
{
    /// <summary>Behind the last record that was returned.</summary>
    public int Offset { get; private set; } = from;

    [SuppressMessage("Style", "IDE0251", Justification = "It moves on.")]
    public bool MoveNext(out RecordView record)
    {
        var memory = segment.Memory;
        var salt = segment.Salt;
        var at = Offset;
        while (at <= end - RecordLayout.HeaderSize)
        {
            var length = RecordLayout.ReadLength(memory, at, end, salt);
            if (length != 0)
            {
                var view = new RecordView(memory + at, at, length);
                if (HasRoom(view.Kind, length) && *(uint*)(memory + at + 4) == RecordLayout.Checksum(memory + at, length, at, salt, view.Kind))
                {
                    Offset = at + length;
                    record = view;
                    return true;
                }
            }

            at += RecordLayout.Alignment;
        }

        Offset = end;
        record = default;
        return false;
    }

    private static bool HasRoom(RecordKind kind, int length) => kind switch
    {
        RecordKind.Metric => length == RecordLayout.MetricSize,
        RecordKind.Status => length == RecordLayout.StatusSize,
        RecordKind.Run => length >= RecordLayout.WatermarkOffset + sizeof(long) + sizeof(int),
        RecordKind.Signal or RecordKind.Abandoned => length == RecordLayout.HeaderSize,
        RecordKind.Owner or RecordKind.Key or RecordKind.Param or RecordKind.Tag or RecordKind.TagDeletion
            or RecordKind.Artifact or RecordKind.Input or RecordKind.Model => length >= RecordLayout.HeaderSize + sizeof(int),
        _ => false,
    };
}
