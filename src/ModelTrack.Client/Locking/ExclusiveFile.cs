namespace ModelTrack.Client.Locking;

/// <summary>
/// A file that one stream at a time can have, and that the system gives back when its process dies. Such a file is removed only while
/// it is held; so whoever opens it makes sure that the path still names the file that was opened, and not one made after a removal.
/// </summary>
internal static class ExclusiveFile
{
    /// <summary>Opens it if nobody has it; null when somebody does, or removes it at this moment.</summary>
    /// <exception cref="FileNotFoundException">It does not exist, and the mode makes none.</exception>
    /// <exception cref="IOException">It cannot be opened for another reason.</exception>
    public static FileStream? TryOpen(string path, FileMode mode, bool ownerOnly = false, FileOptions options = FileOptions.None)
    {
        var open = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0, Options = options };
        if (ownerOnly && mode != FileMode.Open && !OperatingSystem.IsWindows())
        {
            open.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream file;
        try
        {
            file = new FileStream(path, open);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (OperatingSystem.IsWindows() && File.Exists(path))
        {
            // Being removed at this moment.
            return null;
        }

        // On Windows a file that is open cannot be removed.
        if (OperatingSystem.IsWindows() || IsStillNamed(file, path))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>
    /// Whether having the file keeps others from it: on some network mounts, and where .NET's file locking is switched off, it does not.
    /// </summary>
    public static bool Excludes(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>
    /// Puts a random mark on the open file and looks for it through the path. The mark is the file's time, since .NET cannot open a
    /// file, even for reading, that is locked; in even seconds, because some file systems keep no less.
    /// </summary>
    private static bool IsStillNamed(FileStream file, string path)
    {
        var mark = DateTime.UnixEpoch.AddSeconds(Random.Shared.Next(1 << 29, 1 << 30) * 2L);
        File.SetLastWriteTimeUtc(file.SafeFileHandle, mark);
        return File.GetLastWriteTimeUtc(path) == mark;
    }

    // EWOULDBLOCK of flock on Linux and on macOS; the sharing violation and the lock violation of Windows.
    private static bool IsHeldByAnother(IOException e)
        => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;
}
