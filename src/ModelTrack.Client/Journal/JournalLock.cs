using ModelTrack.Client.Locking;

namespace ModelTrack.Client.Journal;

/// <summary>The lock of one journal: held by its owner while it lives, then by whoever takes the journal over.</summary>
internal sealed class JournalLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;

    private JournalLock(string path, FileStream file)
    {
        _path = path;
        _file = file;
        IsTrusted = ExclusiveFile.Excludes(path);
    }

    /// <summary>Whether locks exclude anybody on this file system; where they do not, a lock taken says nothing about its last owner.</summary>
    public bool IsTrusted { get; }

    /// <summary>Takes the lock if it is free; null when somebody holds it, or it is gone.</summary>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static JournalLock? TryAcquire(string path, bool create)
    {
        if (!create && !File.Exists(path))
        {
            return null;
        }

        try
        {
            return ExclusiveFile.TryOpen(path, create ? FileMode.CreateNew : FileMode.Open, ownerOnly: true) is { } file
                ? new JournalLock(path, file)
                : null;
        }
        catch (Exception e) when (!create && e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Removes the file while it is held, then gives the lock up.</summary>
    public void DeleteAndDispose()
    {
        if (OperatingSystem.IsWindows())
        {
            // Windows does not remove an open file.
            _file.Dispose();
            File.Delete(_path);
        }
        else
        {
            File.Delete(_path);
            _file.Dispose();
        }
    }
}
