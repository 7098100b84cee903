namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>A folder for what is read from files: in memory where the system has such a place, since a disk would be the slowest part.</summary>
internal sealed class Scratch : IDisposable
{
    private const string Memory = "/dev/shm";

    public Scratch()
    {
        Folder = Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), "modeltrack-fuzz-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
