using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// A lock between threads and processes: a file that one handle at a time can have. It is removed only while it is held, so nobody
/// removes the lock of another; and who gets a handle checks that the path still names that file, since it may just have been removed.
/// </summary>
internal sealed class LockFile : IDisposable
{
    public const string Name = ".modeltrack.lock";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private SafeFileHandle? _handle;

    private LockFile(string path, SafeFileHandle handle)
    {
        _path = path;
        _handle = handle;
    }

    /// <exception cref="IOException">Somebody else holds it, for long.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder is not there.</exception>
    public static LockFile Acquire(string path, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } held)
            {
                return held;
            }

            if (clock.GetElapsedTime(start) > Limit)
            {
                throw new IOException($"Another process has held '{path}' for {Limit.TotalSeconds:0} seconds.");
            }

            Task.Delay(pause, clock, cancellationToken).GetAwaiter().GetResult();
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _handle, null) is { } handle)
        {
            if (!OperatingSystem.IsWindows())
            {
                AtomicFile.TryDelete(_path);
            }

            handle.Dispose();
        }
    }

    private static LockFile? TryAcquire(string path)
    {
        SafeFileHandle handle;
        try
        {
            // On Windows a file that is open cannot be removed by its path, nor be opened again: the system does both of our checks.
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None,
                OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
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

        if (OperatingSystem.IsWindows() || IsStillNamed(handle, path))
        {
            return new LockFile(path, handle);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>
    /// Puts a random mark on the handle's file and looks for it through the path. The mark is the file's time, since .NET cannot open a
    /// file, even for reading, that is locked.
    /// </summary>
    private static bool IsStillNamed(SafeFileHandle handle, string path)
    {
        var mark = DateTime.UnixEpoch.AddSeconds(RandomNumberGenerator.GetInt32(1 << 29, 1 << 30) * 2L);
        File.SetLastWriteTimeUtc(handle, mark);
        return File.GetLastWriteTimeUtc(path) == mark;
    }

    // EWOULDBLOCK of flock on Linux and on macOS; the sharing violation and the lock violation of Windows.
    private static bool IsHeldByAnother(IOException e)
        => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;
}
