using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Replaces a metric file by one with lines put in, through a temporary file and a rename: before and after, every line of it is whole.
/// MLflow's Python may append meanwhile: what reaches the old file after it was copied is carried over after the rename, for as long as
/// a Python that opened it before can take to write. (It opens, writes and closes per point, which takes microseconds. A kill of ours
/// between rename and carrying, or a Python that stops for longer just there, loses such a line.)
/// </summary>
/// <param name="temp">Where the new file is made.</param>
/// <param name="beforeRename">For tests: called when everything is copied.</param>
internal sealed class MetricFileRewriter(TempFile temp, Action? beforeRename = null)
{
    private const int ChunkSize = 256 * 1024;
    private const int LateWriterMilliseconds = 3;

    /// <param name="path">The metric's file.</param>
    /// <param name="old">It, open for reading.</param>
    /// <param name="keep">The length of what stays in front.</param>
    /// <param name="closeLine">Whether a line feed goes before the lines.</param>
    /// <param name="lines">What is put in.</param>
    /// <param name="resume">Where in the old file that begins which stays behind the lines.</param>
    public void Replace(string path, SafeFileHandle old, long keep, bool closeLine, ReadOnlySpan<byte> lines, long resume)
    {
        long copied;
        try
        {
            using var target = temp.Create();
            var length = Copy(old, 0, keep, target, 0);
            if (closeLine)
            {
                RandomAccess.Write(target, "\n"u8, length++);
            }

            RandomAccess.Write(target, lines, length);
            length += lines.Length;
            copied = resume + Copy(old, resume, long.MaxValue, target, length);

            // The file that is replaced may hold a whole training; a rename must not reach the disk before the content.
            RandomAccess.FlushToDisk(target);
        }
        catch
        {
            temp.Discard();
            throw;
        }

        beforeRename?.Invoke();
        if (OperatingSystem.IsWindows())
        {
            // An open file cannot be replaced there, so whoever else has it open makes the rename fail, and nobody can be late.
            old.Dispose();
        }

        temp.MoveOver(path);
        if (!old.IsClosed)
        {
            CarryOver(path, old, copied);
        }
    }

    private static void CarryOver(string path, SafeFileHandle old, long copied)
    {
        var end = Environment.TickCount64 + LateWriterMilliseconds;
        bool isOver;
        do
        {
            // The time before the look: however long the system lets this thread wait, the last look comes after the time is over.
            isOver = Environment.TickCount64 > end;
            if (RandomAccess.GetLength(old) > copied)
            {
                var late = Read(old, copied);
                copied += late.Length;
                using var target = AppendFile.TryOpen(path)
                    ?? throw new FileNotFoundException($"'{path}' was removed while it was repaired.");
                AppendFile.Append(target, late, path);
            }

            Thread.Yield();
        }
        while (!isOver);
    }

    /// <summary>The rest of a file, in memory.</summary>
    public static byte[] Read(SafeFileHandle file, long from)
    {
        var bytes = new byte[checked((int)Math.Max(0, RandomAccess.GetLength(file) - from))];
        var length = 0;
        while (length < bytes.Length)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(length), from + length);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return length == bytes.Length ? bytes : bytes[..length];
    }

    private static long Copy(SafeFileHandle source, long from, long count, SafeFileHandle target, long to)
    {
        var buffer = new byte[(int)Math.Min(ChunkSize, Math.Max(count, 1))];
        long copied = 0;
        while (copied < count)
        {
            var read = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, count - copied)), from + copied);
            if (read == 0)
            {
                break;
            }

            RandomAccess.Write(target, buffer.AsSpan(0, read), to + copied);
            copied += read;
        }

        return copied;
    }
}
