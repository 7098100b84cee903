using System.Text;

namespace ModelTrack.Client.Journal;

/// <summary>One whole record in a segment's memory. Valid while the segment is held.</summary>
internal readonly unsafe ref struct RecordView(byte* record, int offset, int length)
{
    /// <summary>Where it begins in its segment.</summary>
    public int Offset => offset;

    public int End => offset + length;

    public RecordKind Kind => (RecordKind)record[8];

    public int RunNumber => (int)(*(uint*)(record + 8) >> 8);

    public int KeyNumber => *(int*)(record + 12);

    public MetricPoint Point => new(*(double*)(record + 24), *(long*)(record + 32), *(long*)(record + 16));

    public RunStatus Status => (RunStatus)(*(int*)(record + 16));

    public long EndTime => *(long*)(record + 24);

    public long Watermark => Volatile.Read(ref *(long*)(record + RecordLayout.WatermarkOffset));

    /// <summary>The text of a key, run or owner record.</summary>
    public ReadOnlySpan<byte> Text
    {
        get
        {
            var start = Kind == RecordKind.Run ? RecordLayout.WatermarkOffset + sizeof(long) : RecordLayout.HeaderSize;
            return Piece(start + sizeof(int), *(int*)(record + start));
        }
    }

    /// <summary>The key of a param or tag record.</summary>
    public string PairKey => Encoding.UTF8.GetString(Piece(RecordLayout.HeaderSize + sizeof(int), KeyNumber));

    /// <summary>The value of a param or tag record.</summary>
    public string PairValue => Encoding.UTF8.GetString(Piece(
        RecordLayout.HeaderSize + sizeof(int) + KeyNumber, *(int*)(record + RecordLayout.HeaderSize)));

    /// <summary>A length that does not fit its record gives nothing, whatever the bytes say.</summary>
    private ReadOnlySpan<byte> Piece(int start, int count)
        => start >= 0 && count >= 0 && start <= length && count <= length - start ? new ReadOnlySpan<byte>(record + start, count) : default;
}
