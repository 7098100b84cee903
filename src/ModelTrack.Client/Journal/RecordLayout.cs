using System.Numerics;
using System.Runtime.CompilerServices;

namespace ModelTrack.Client.Journal;

/// <summary>
/// The bytes of a record (README.md beside this file has the format). A record begins on a multiple of 8:
/// <code>
///  0  uint32  length in bytes, a multiple of 8 (low 20 bits); a mark made of segment salt and offset (high 12 bits). Written last.
///  4  uint32  CRC32C over the bytes from 8 on, begun with salt, offset and length
///  8  uint32  kind (low 8 bits), number of the run (high 24 bits)
/// 12  uint32  number of the key, or length of the first text
/// 16  …       by kind
/// </code>
/// </summary>
internal static unsafe class RecordLayout
{
    public const int Alignment = 8;

    public const int HeaderSize = 16;

    /// <summary>Metric: timestamp, value, step after the header.</summary>
    public const int MetricSize = HeaderSize + 24;

    /// <summary>Status: status and end time after the header.</summary>
    public const int StatusSize = HeaderSize + 16;

    /// <summary>Run: the watermark, which changes and is therefore outside the checksum, comes first after the header.</summary>
    public const int WatermarkOffset = HeaderSize;

    public const int MaxRunNumber = (1 << 24) - 1;

    private const uint LengthMask = (1 << 20) - 1;

    public static int Align(int size) => (size + (Alignment - 1)) & ~(Alignment - 1);

    /// <summary>
    /// The published form of a length. The mark makes a stray piece of data unlikely to pass for a record before its checksum has been
    /// looked at, which keeps the search for the next record after a hole quick.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LengthField(int length, int offset, ulong salt) => (uint)length | (Mark(offset, salt) << 20);

    /// <summary>The length of the record at <paramref name="offset"/>, or 0 when there cannot be one.</summary>
    public static int ReadLength(byte* memory, int offset, int end, ulong salt)
    {
        var field = Volatile.Read(ref *(uint*)(memory + offset));
        var length = (int)(field & LengthMask);
        return field >> 20 == Mark(offset, salt) && length >= HeaderSize && length % Alignment == 0 && length <= end - offset
            ? length
            : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Checksum(byte* record, int length, int offset, ulong salt, RecordKind kind)
    {
        var crc = BitOperations.Crc32C((uint)salt, ((ulong)(uint)offset << 32) | (uint)length);
        crc = BitOperations.Crc32C(crc, *(ulong*)(record + 8));
        var from = kind == RecordKind.Run ? WatermarkOffset + sizeof(long) : HeaderSize;
        for (var i = from; i < length; i += Alignment)
        {
            crc = BitOperations.Crc32C(crc, *(ulong*)(record + i));
        }

        return crc;
    }

    /// <summary>Never 0, so that zeros are never a record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mark(int offset, ulong salt) => (((uint)(salt >> 32) ^ ((uint)offset * 0x9E3779B1u)) >> 20) | 1u;
}
