using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Takes back what a write that came back short has left of its last line, so that MLflow can go on reading the file.</summary>
internal static class TornEnd
{
    private const int LongestLine = 4096;

    /// <summary>The file ended in a line feed before the write. Never fails: a recovery does not need it.</summary>
    public static void TakeBack(SafeFileHandle file)
    {
        try
        {
            var length = RandomAccess.GetLength(file);
            var from = Math.Max(0, length - LongestLine);
            Span<byte> tail = stackalloc byte[LongestLine];
            tail = tail[..RandomAccess.Read(file, tail, from)];
            var lineEnd = tail.LastIndexOf((byte)'\n');
            if (lineEnd >= 0 && from + tail.Length == RandomAccess.GetLength(file) && from + lineEnd + 1 < length)
            {
                RandomAccess.SetLength(file, from + lineEnd + 1);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here matters more.
        }
    }
}
