using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Fuzz.Mutation;

/// <summary>
/// Takes a segment's file apart and puts it together again, with checksums that are right: only so does a change get past the first check.
/// </summary>
internal static unsafe class SegmentBytes
{
    /// <summary>The same for all, so that the same seed gives the same inputs.</summary>
    public const ulong Salt = 0x5EED_5EED_0BAD_CAFE;

    public static List<SegmentRecord> Parse(byte[] segment)
    {
        var records = new List<SegmentRecord>();
        if (segment.Length < Segment.HeaderSize)
        {
            return records;
        }

        var salt = BinaryPrimitives.ReadUInt64LittleEndian(segment.AsSpan(8));
        var size = segment.Length & ~(RecordLayout.Alignment - 1);
        fixed (byte* memory = segment)
        {
            for (var at = Segment.HeaderSize; at <= size - RecordLayout.HeaderSize;)
            {
                var length = RecordLayout.ReadLength(memory, at, size, salt);
                if (length == 0)
                {
                    at += RecordLayout.Alignment;
                    continue;
                }

                var view = new RecordView(memory + at, at, length);
                records.Add(new SegmentRecord(view.Kind, view.RunNumber, view.KeyNumber, segment[(at + RecordLayout.HeaderSize)..(at + length)]));
                at += length;
            }
        }

        return records;
    }

    /// <summary>A segment of these records, and of some zeros behind them.</summary>
    public static byte[] Build(IEnumerable<SegmentRecord> records, int spare = 64)
    {
        var all = records.Select(record => (Record: record, Length: RecordLayout.Align(RecordLayout.HeaderSize + record.Rest.Length))).ToList();
        var size = Segment.HeaderSize + all.Sum(one => one.Length) + RecordLayout.Align(spare);
        var segment = new byte[size];
        "\0MTJRNL1"u8.CopyTo(segment);
        BinaryPrimitives.WriteUInt64LittleEndian(segment.AsSpan(8), Salt);
        BinaryPrimitives.WriteInt32LittleEndian(segment.AsSpan(16), size);
        BinaryPrimitives.WriteUInt32LittleEndian(segment.AsSpan(24), BitOperations.Crc32C(BitOperations.Crc32C(1, Salt), (uint)size));
        var at = Segment.HeaderSize;
        fixed (byte* memory = segment)
        {
            foreach (var (record, length) in all)
            {
                var place = memory + at;
                *(uint*)(place + 8) = (uint)record.Kind | ((uint)record.Run << 8);
                *(int*)(place + 12) = record.Key;
                record.Rest.CopyTo(segment, at + RecordLayout.HeaderSize);
                *(uint*)(place + 4) = RecordLayout.Checksum(place, length, at, Salt, record.Kind);
                *(uint*)place = RecordLayout.LengthField(length, at, Salt);
                at += length;
            }
        }

        return segment;
    }

    /// <summary>A record of one text, as an owner's, a run's and a key's are.</summary>
    public static SegmentRecord Text(RecordKind kind, int run, int key, ReadOnlySpan<byte> text)
    {
        var before = kind == RecordKind.Run ? sizeof(long) : 0;
        var rest = new byte[RecordLayout.Align(RecordLayout.HeaderSize + before + sizeof(int) + text.Length) - RecordLayout.HeaderSize];
        BinaryPrimitives.WriteInt32LittleEndian(rest.AsSpan(before), text.Length);
        text.CopyTo(rest.AsSpan(before + sizeof(int)));
        return new SegmentRecord(kind, run, key, rest);
    }

    /// <summary>A metric point, or a status and its time.</summary>
    public static SegmentRecord Numbers(RecordKind kind, int run, int key, params ReadOnlySpan<long> numbers)
        => new(kind, run, key, MemoryMarshal.AsBytes(numbers).ToArray());
}
