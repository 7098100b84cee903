namespace ModelTrack.Client.Benchmarks;

/// <summary>A new folder for temporary files, removed at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string SharedMemory = "/dev/shm";

    private ScratchFolder(string path) => Path = path;

    public ScratchFolder()
        : this(Directory.CreateTempSubdirectory("modeltrack-bench-").FullName)
    {
    }

    public string Path { get; }

    /// <summary>
    /// For very many files that are read from the system's cache anyway: in memory, where there is such a place and <c>TMPDIR</c> does not
    /// name another. A busy disk takes minutes to make and remove them.
    /// </summary>
    public static ScratchFolder ForManyFiles() =>
        Environment.GetEnvironmentVariable("TMPDIR") is null && Directory.Exists(SharedMemory)
            ? new ScratchFolder(Directory.CreateDirectory($"{SharedMemory}/modeltrack-bench-{Guid.NewGuid():n}").FullName)
            : new ScratchFolder();

    public string New(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => RemoveTree(Path);

    /// <summary>As Directory.Delete does, but with all cores: a data set has 250,000 files.</summary>
    private static void RemoveTree(string folder)
    {
        foreach (var experiment in Directory.EnumerateDirectories(folder, "*", new EnumerationOptions { MaxRecursionDepth = 1, RecurseSubdirectories = true }).ToList())
        {
            if (Directory.Exists(experiment))
            {
                Parallel.ForEach(Directory.EnumerateDirectories(experiment).ToList(), run => Directory.Delete(run, recursive: true));
            }
        }

        Directory.Delete(folder, recursive: true);
    }
}
