using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ModelTrack.Client.Journal;

/// <summary>
/// An exclusive lock that the system gives back when its process dies. The file is removed only while it is held; so whoever takes it
/// makes sure that the path still names the file that was locked, and not one made after a removal.
/// </summary>
internal sealed class LockFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;

    private LockFile(string path, SafeFileHandle file, bool trusted)
    {
        _path = path;
        _file = file;
        IsTrusted = trusted;
    }

    /// <summary>
    /// Whether locks exclude anybody on this file system: on some network mounts, and where .NET's file locking is switched off, they
    /// do not, and a lock taken says nothing about its last owner.
    /// </summary>
    public bool IsTrusted { get; }

    /// <summary>Takes the lock if it is free; null when somebody holds it.</summary>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static LockFile? TryAcquire(string path, bool create)
    {
        SafeFileHandle file;
        try
        {
            file = create && !File.Exists(path)
                ? OwnerOnly.CreateFile(path, FileShare.None)
                : File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && !create)
        {
            return null;
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }

        if (!StillNames(path, file))
        {
            file.Dispose();
            return null;
        }

        return new LockFile(path, file, Excludes(path));
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Removes the file while it is held, then gives the lock up.</summary>
    public void DeleteAndDispose()
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows does not remove an open file; nobody can have it open in between but to find it gone.
            _file.Dispose();
            File.Delete(_path);
        }
        else
        {
            File.Delete(_path);
            _file.Dispose();
        }
    }

    /// <summary>
    /// A locked file cannot be opened again for comparing, so it is recognised by a write time set through the handle and read through
    /// the path. Whole seconds, because some file systems keep no less.
    /// </summary>
    private static bool StillNames(string path, SafeFileHandle file)
    {
        var mark = DateTime.UnixEpoch.AddSeconds(RandomNumberGenerator.GetInt32(1, int.MaxValue));
        File.SetLastWriteTimeUtc(file, mark);
        return File.GetLastWriteTimeUtc(path) == File.GetLastWriteTimeUtc(file);
    }

    private static bool Excludes(string path)
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
}
