using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Journal;

/// <summary>Makes files (0600) and folders (0700) that only their owner may read: a journal holds what a user logged.</summary>
internal static class OwnerOnly
{
    /// <exception cref="IOException">The file exists, or the disk is full.</exception>
    public static SafeFileHandle CreateFile(string path, FileShare share = FileShare.Read)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (new FileStream(path, options))
        {
            // Only FileStream can say the mode; only a handle of its own outlives it.
        }

        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, share);
    }

    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
