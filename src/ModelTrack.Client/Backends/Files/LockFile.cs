using ModelTrack.Client.Locking;

namespace ModelTrack.Client.Backends.Files;

/// <summary>A lock between threads and processes, for the time of a change. Its file is removed when it is given up.</summary>
internal sealed class LockFile : IDisposable
{
    public const string Name = ".modeltrack.lock";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private FileStream? _file;

    private LockFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <exception cref="IOException">Somebody else holds it, for long.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder is not there.</exception>
    public static LockFile Acquire(string path, TimeProvider clock, CancellationToken cancellationToken)
    {
        // On Windows a file that is open cannot be removed by its path, so the system does that at its closing.
        var options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
        var start = clock.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ExclusiveFile.TryOpen(path, FileMode.OpenOrCreate, options: options) is { } file)
            {
                return new LockFile(path, file);
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
