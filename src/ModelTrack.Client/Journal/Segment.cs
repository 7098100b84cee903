using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Journal;

/// <summary>
/// One file of a journal: a header of <see cref="HeaderSize"/> bytes, then records. It is filled with zeros by ordinary writes before it
/// is mapped, so that a full disk is an <see cref="IOException"/> here and never a fault inside a mapped write.
/// Who reads or writes its memory holds it (<see cref="Hold"/>, <see cref="Release"/>); while nobody does, it is not in memory.
/// </summary>
internal sealed unsafe class Segment
{
    public const int HeaderSize = 64;

    public const int DefaultSize = 4 << 20;

    private static readonly ulong Magic = 0x314C4E524A544D00; // "\0MTJRNL1"
    private const int ZeroBlock = 1 << 18;
    private static readonly byte[] Zeros = new byte[ZeroBlock];

    private readonly object _memoryGate = new();
    private readonly string? _path;
    private SafeFileHandle? _file;
    private MemoryMappedFile? _map;
    private MemoryMappedViewAccessor? _view;
    private byte* _memory;
    private int _holders;
    private ulong _emptied;

    private Segment(string? path, int number, int size, ulong salt, SegmentMode mode)
    {
        _path = path;
        Number = number;
        Size = size;
        Salt = salt;
        Mode = mode;
        Tail = HeaderSize;
    }

    public int Number { get; }

    public int Size { get; }

    /// <summary>Random: a record is valid only in the segment and at the place that it was written for.</summary>
    public ulong Salt { get; }

    public SegmentMode Mode { get; }

    /// <summary>Where the next record goes; changed under the journal's lock.</summary>
    public int Tail { get; set; }

    /// <summary>No more records come.</summary>
    public bool Sealed { get; set; }

    /// <summary>Records that are to be delivered; changed under the journal's lock.</summary>
    public long Accepted { get; set; }

    /// <summary>Records that were delivered or rejected; changed under the journal's lock.</summary>
    public long Settled { get; set; }

    /// <summary>The runs that have records here, by number, with the place of their watermark; under the journal's lock.</summary>
    public Dictionary<int, int> WatermarkAt { get; } = [];

    public byte* Memory => _memory;

    /// <summary>Makes a new one, held once.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Segment Create(string? path, int number, int size, SegmentMode mode)
    {
        var salt = NewSalt();
        var segment = new Segment(path, number, size, salt, path is null ? SegmentMode.Memory : mode);
        if (path is not null)
        {
            segment._file = OwnerOnly.CreateFile(path);
        }

        // From here on the file is ours to remove.
        try
        {
            if (segment._file is not null)
            {
                for (var at = 0; at < size; at += ZeroBlock)
                {
                    RandomAccess.Write(segment._file, Zeros.AsSpan(0, Math.Min(ZeroBlock, size - at)), at);
                }
            }

            segment.Hold();
            segment.WriteHeader();
            segment.Touch();
            return segment;
        }
        catch
        {
            segment.Delete();
            throw;
        }
    }

    /// <summary>
    /// Empties it, since everything in it is settled, and keeps its file for <see cref="Reuse"/>: the disk has nothing to remove and to make
    /// again, which is most of what a segment costs. It gets another salt, by which no record in it is valid any more; to whoever finds
    /// the journal of a dead process it is a segment in which nothing was written.
    /// </summary>
    /// <returns>False where that cannot be: it is held, or not mapped, or on Windows, where a mapped file cannot be renamed.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public bool TryEmpty()
    {
        lock (_memoryGate)
        {
            if (_holders > 0 || Mode != SegmentMode.Mapped || OperatingSystem.IsWindows() || _file is null)
            {
                return false;
            }

            Unmap();
            _emptied = NextSalt(Salt);

            // By one small write of the system's, which a killed process has done or not done.
            RandomAccess.Write(_file, Header(Size, _emptied), 0);
            return true;
        }
    }

    /// <summary>Makes a new segment of this emptied one: the same file under another name. This one is gone then.</summary>
    /// <returns>The new one, held once.</returns>
    /// <exception cref="IOException">The file cannot be renamed; it is removed.</exception>
    public Segment Reuse(string path, int number)
    {
        Segment reused;
        lock (_memoryGate)
        {
            reused = new Segment(path, number, Size, _emptied, Mode) { _file = _file };
            _file = null;
        }

        try
        {
            File.Move(_path!, path);
            reused.Hold();
            reused.Touch();
            return reused;
        }
        catch
        {
            File.Delete(_path!);
            reused.Delete();
            throw;
        }
    }

    /// <summary>
    /// Opens one that a process left behind; null when it never got its header, so that nothing can be in it. It is read into memory
    /// and not mapped, so that no damage of the file can be more than a record that does not check.
    /// </summary>
    public static Segment? Open(string path, int number)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            Span<byte> header = stackalloc byte[HeaderSize];
            var size = (int)Math.Min(RandomAccess.GetLength(file), int.MaxValue) & ~(RecordLayout.Alignment - 1);
            var hasHeader = RandomAccess.Read(file, header, 0) == HeaderSize;
            var salt = MemoryMarshal.Read<ulong>(header[8..]);
            if (!hasHeader
                || MemoryMarshal.Read<ulong>(header) != Magic
                || MemoryMarshal.Read<uint>(header[24..]) != HeaderChecksum(salt, MemoryMarshal.Read<int>(header[16..])))
            {
                file.Dispose();
                return null;
            }

            return new Segment(path, number, size, salt, SegmentMode.WriteThrough) { _file = file, Tail = size, Sealed = true };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Brings it into memory, and keeps it there until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_memoryGate)
        {
            if (_holders++ == 0 && _memory is null)
            {
                Map();
            }
        }
    }

    /// <summary>Gives up one hold; a segment with a file leaves memory with the last.</summary>
    public void Release()
    {
        lock (_memoryGate)
        {
            if (--_holders == 0 && Mode != SegmentMode.Memory)
            {
                Unmap();
            }
        }
    }

    /// <summary>Makes the record at <paramref name="offset"/> visible: its length is stored last.</summary>
    public void Publish(int offset, int length)
    {
        Volatile.Write(ref *(uint*)(_memory + offset), RecordLayout.LengthField(length, offset, Salt));
        if (Mode == SegmentMode.WriteThrough)
        {
            RandomAccess.Write(_file!, new ReadOnlySpan<byte>(_memory + offset, length), offset);
        }
    }

    /// <summary>Moves a run's watermark: all its records here that end at or before <paramref name="end"/> are settled.</summary>
    public void StoreWatermark(int watermarkAt, long end)
    {
        if (Mode == SegmentMode.WriteThrough)
        {
            // The file first: where that fails, memory must not take for settled what will be tried again.
            RandomAccess.Write(_file!, new ReadOnlySpan<byte>(&end, sizeof(long)), watermarkAt);
        }

        Volatile.Write(ref *(long*)(_memory + watermarkAt), end);
    }

    /// <summary>A run's watermark; 0 where it has none here, or one that was never stored: it is outside the checksum.</summary>
    public long ReadWatermark(int watermarkAt)
        => watermarkAt != 0 && Volatile.Read(ref *(long*)(_memory + watermarkAt)) is var stored && stored <= Size ? stored : 0;

    /// <summary>Waits until the disk has what was written so far. Until then the kernel has it: enough for a crash, not for a power cut.</summary>
    public void FlushToDisk()
    {
        // Held and not locked: a log call that changes segments must not wait for the disk.
        Hold();
        try
        {
            _view?.Flush();
            if (_file is not null)
            {
                RandomAccess.FlushToDisk(_file);
            }
        }
        catch (ObjectDisposedException)
        {
            // Its records are settled and it is gone.
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Closes it and leaves the file.</summary>
    public void Close()
    {
        lock (_memoryGate)
        {
            Unmap();
            _file?.Dispose();
        }
    }

    /// <summary>Closes it and removes the file.</summary>
    public void Delete()
    {
        Close();
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    // Not a secret, only not to be met twice. A cryptographic generator would load OpenSSL, which takes a small program's first run longer
    // than all else about the journal.
    private static ulong NewSalt()
    {
        var salt = 0UL;
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(new Span<ulong>(ref salt)));
        return salt;
    }

    // The lower half begins every checksum and is another one for four thousand million times, so that nothing of former times can pass.
    private static ulong NextSalt(ulong salt) => (NewSalt() & 0xFFFFFFFF_00000000) | (uint)(salt + 1);

    private static uint HeaderChecksum(ulong salt, int size) => BitOperations.Crc32C(BitOperations.Crc32C(1, salt), (uint)size);

    private void WriteHeader()
    {
        var header = Header(Size, Salt);
        header.CopyTo(new Span<byte>(_memory, HeaderSize));
        if (Mode == SegmentMode.WriteThrough)
        {
            RandomAccess.Write(_file!, header, 0);
        }
    }

    private static ReadOnlySpan<byte> Header(int size, ulong salt)
    {
        var header = new byte[HeaderSize];
        var checksum = HeaderChecksum(salt, size);
        MemoryMarshal.Write(header, in Magic);
        MemoryMarshal.Write(header.AsSpan(8), in salt);
        MemoryMarshal.Write(header.AsSpan(16), in size);
        MemoryMarshal.Write(header.AsSpan(24), in checksum);
        return header;
    }

    private void Map()
    {
        ObjectDisposedException.ThrowIf(_file is null && Mode != SegmentMode.Memory, this);
        if (Mode == SegmentMode.Mapped)
        {
            _map = MemoryMappedFile.CreateFromFile(_file!, null, Size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _view = _map.CreateViewAccessor(0, Size, MemoryMappedFileAccess.ReadWrite);
            byte* pointer = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            _memory = pointer + _view.PointerOffset;
            return;
        }

        _memory = (byte*)NativeMemory.AllocZeroed((nuint)Size);
        if (Mode == SegmentMode.WriteThrough)
        {
            for (var at = 0; at < Size;)
            {
                var read = RandomAccess.Read(_file!, new Span<byte>(_memory + at, Size - at), at);
                if (read == 0)
                {
                    break;
                }

                at += read;
            }
        }
    }

    private void Unmap()
    {
        if (_memory is null)
        {
            return;
        }

        if (_view is not null)
        {
            // Not the view itself: that would wait for the disk, many milliseconds long, which here is nobody's wish.
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.SafeMemoryMappedViewHandle.Dispose();
            _map!.Dispose();
            _view = null;
            _map = null;
        }
        else
        {
            NativeMemory.Free(_memory);
        }

        _memory = null;
    }

    /// <summary>Takes the page faults now, on the thread that prepares segments, and not in a log call.</summary>
    private void Touch()
    {
        for (var at = HeaderSize; at < Size; at += 4096)
        {
            Volatile.Write(ref _memory[at], 0);
        }
    }
}
