using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Looks at a metric file and decides how a batch's lines get into it. Changes nothing. See <see cref="MetricAppender"/>.</summary>
internal static class MetricLook
{
    private const int LongestLine = 1 << 16;

    /// <summary>For lines that nobody can have tried to store before.</summary>
    public static AppendPlan First(string path)
    {
        using var file = AppendFile.TryOpen(path);
        return file is null ? new AppendPlan(AppendStep.Create, 0) : First(file);
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

    private static AppendPlan First(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        if (length == 0 || ByteAt(file, length - 1) == (byte)'\n')
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

    private static byte ByteAt(SafeFileHandle file, long offset)
    {
        Span<byte> one = stackalloc byte[1];
        RandomAccess.Read(file, one, offset);
        return one[0];
    }
}
