using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Looks at a metric file and decides how a batch's lines get into it. Changes nothing. See <see cref="MetricAppender"/>.</summary>
internal static class MetricLook
{
    private const int LongestLine = 1 << 16;

    /// <summary>What a line that is just being written takes at most to be whole, as far as anything is known of another process.</summary>
    private const int LineUnderWayMilliseconds = 3;

    /// <summary>For lines that nobody can have tried to store before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="atOpenEnd">For tests: called when its last line was seen without an end.</param>
    public static AppendPlan First(string path, Action? atOpenEnd = null)
    {
        using var file = AppendFile.TryOpen(path);
        return file is null ? new AppendPlan(AppendStep.Create, 0) : First(file, atOpenEnd);
    }

    /// <summary>For lines that an earlier try may have stored, wholly or in part, from the length <paramref name="noted"/> on.</summary>
    public static AppendPlan Again(string path, ReadOnlySpan<byte> lines, long noted)
    {
        using var file = AppendFile.TryOpen(path);
        if (file is null)
        {
            return new AppendPlan(AppendStep.Create, 0);
        }

        // A file shorter than it was: somebody has put another in its place, and only the bytes themselves tell.
        var from = noted > RandomAccess.GetLength(file) ? 0 : noted;
        var tail = MetricFileRewriter.Read(file, from);
        var found = PriorAppend.Find(tail, lines, from == 0 || ByteAt(file, from - 1) == (byte)'\n');
        if (found.Stored == 0)
        {
            return First(file);
        }

        var start = from + found.Start;
        return found.Stored == lines.Length ? new AppendPlan(AppendStep.Nothing, start)
            : found.Start + found.Stored == tail.Length ? new AppendPlan(AppendStep.Continue, start, found.Stored)
            : new AppendPlan(AppendStep.Rewrite, start, Keep: start, Resume: from + found.Resume);
    }

    private static AppendPlan First(SafeFileHandle file, Action? atOpenEnd = null)
    {
        if (!EndsInLine(file, out _))
        {
            // A line that Python appends over the end of a page can be seen before its second part is there. It is not torn, and no reason
            // to replace the file under who writes it.
            atOpenEnd?.Invoke();
            SpinWait.SpinUntil(() => EndsInLine(file, out _), LineUnderWayMilliseconds);
        }

        if (EndsInLine(file, out var length))
        {
            return new AppendPlan(AppendStep.Append, length);
        }

        var from = Math.Max(0, length - LongestLine);
        var tail = MetricFileRewriter.Read(file, from).AsSpan();
        var lastLine = tail.LastIndexOf((byte)'\n') + 1;
        return MetricLineShape.Fields(tail[lastLine..], out _) > 0
            ? new AppendPlan(AppendStep.Rewrite, length, Keep: length, Resume: length, CloseLine: true)
            : new AppendPlan(AppendStep.Rewrite, from + lastLine, Keep: from + lastLine, Resume: from + tail.Length);
    }

    private static bool EndsInLine(SafeFileHandle file, out long length)
    {
        length = RandomAccess.GetLength(file);
        return length == 0 || ByteAt(file, length - 1) == (byte)'\n';
    }

    private static byte ByteAt(SafeFileHandle file, long offset)
    {
        Span<byte> one = stackalloc byte[1];
        RandomAccess.Read(file, one, offset);
        return one[0];
    }
}
