using System.Numerics;
using System.Runtime.InteropServices;

namespace ModelTrack.Client.Journal;

/// <summary>
/// What the dispatcher was about to append, written before it does: the records of one run in one segment, from one offset to another,
/// and the length that each key's file had; of a folder behind a server, how many points each key had. Only while these records are
/// unsettled does it mean anything; of several notes for the same records the one with the highest sequence counts.
/// </summary>
internal sealed record AppendNote(int Segment, int RunNumber, int From, int To, int Sequence, IReadOnlyDictionary<int, long> Lengths)
{
    private const int HeaderSize = 32;
    private const int EntrySize = 16;

    /// <summary>Whether it was written later than another note of the same run.</summary>
    public bool IsLaterThan(AppendNote other) => (Segment, From, Sequence).CompareTo((other.Segment, other.From, other.Sequence)) > 0;

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderSize + (Lengths.Count * EntrySize)];
        var fields = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, HeaderSize));
        (fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]) = (Segment, RunNumber, From, To, Lengths.Count, Sequence);
        var at = HeaderSize;
        foreach (var (key, length) in Lengths)
        {
            MemoryMarshal.Write(bytes.AsSpan(at), in key);
            MemoryMarshal.Write(bytes.AsSpan(at + sizeof(long)), in length);
            at += EntrySize;
        }

        fields[0] = (int)Checksum(bytes);
        return bytes;
    }

    /// <summary>Null when it is torn: then the append that it was for has not begun.</summary>
    public static AppendNote? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderSize)
        {
            return null;
        }

        var fields = MemoryMarshal.Cast<byte, int>(bytes[..HeaderSize]);
        var count = fields[5];
        if (count < 0 || count > (bytes.Length - HeaderSize) / EntrySize
            || fields[0] != (int)Checksum(bytes = bytes[..(HeaderSize + (count * EntrySize))]))
        {
            return null;
        }

        var lengths = new Dictionary<int, long>(count);
        for (var i = 0; i < count; i++)
        {
            var entry = bytes[(HeaderSize + (i * EntrySize))..];
            lengths[MemoryMarshal.Read<int>(entry)] = MemoryMarshal.Read<long>(entry[sizeof(long)..]);
        }

        return new AppendNote(fields[1], fields[2], fields[3], fields[4], fields[6], lengths);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = 1u;
        foreach (var word in MemoryMarshal.Cast<byte, uint>(bytes[sizeof(int)..]))
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        return crc;
    }
}
