namespace ModelTrack.Client.Torture;

/// <summary>A folder that is gone after the scenario, unless it is to be kept.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private bool _isKept;

    public string Path { get; } = Directory.CreateTempSubdirectory("modeltrack-torture-").FullName;

    public string Folder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>Somebody will want to look at it.</summary>
    public string Keep()
    {
        _isKept = true;
        return Path;
    }

    public void Dispose()
    {
        if (!_isKept)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
