using ModelTrack.Client.Lifetime;
using ModelTrack.Client.Locking;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// The lock under which a folder (a run's, or the store's) is changed, between threads and processes. Reading needs none. Its file is
/// removed when it is given up.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const string Name = ".modeltrack.lock";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private FileStream? _file;

    private FolderLock(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <exception cref="IOException">Somebody else holds it, for more than 30 seconds.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder is not there (any more).</exception>
    public static FolderLock Acquire(string folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        var path = folder + "/" + Name;

        // On Windows a file that is open cannot be removed by its path, so the system does that at its closing.
        var options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
        var start = clock.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ExclusiveFile.TryOpen(path, FileMode.OpenOrCreate, options: options) is { } file)
            {
                return new FolderLock(path, file);
            }

            if (clock.GetElapsedTime(start) > Limit)
            {
                throw new IOException($"Another process has held '{path}' for {Limit.TotalSeconds:0} seconds.");
            }

            Blocking.Pause(pause, clock, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _file, null) is { } file)
        {
            if (!OperatingSystem.IsWindows())
            {
                AtomicFile.TryDelete(_path);
            }

            file.Dispose();
        }
    }
}
