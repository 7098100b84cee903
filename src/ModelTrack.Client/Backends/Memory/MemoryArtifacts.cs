namespace ModelTrack.Client.Backends.Memory;

/// <summary>The artifact files of one run, by path; folders are what paths have before a slash. Used under the store's lock.</summary>
internal sealed class MemoryArtifacts(string runId)
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly HashSet<string> _folders = [];

    /// <summary>One folder, sorted by path; empty when there is none.</summary>
    public List<ArtifactInfo> List(string path)
    {
        var entries = _folders.Where(f => ParentOf(f) == path).Select(f => new ArtifactInfo(f, true, null))
            .Concat(_files.Where(f => ParentOf(f.Key) == path).Select(f => new ArtifactInfo(f.Key, false, f.Value.Length)))
            .ToList();
        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }

    /// <exception cref="ModelTrackException">There is no such file.</exception>
    public MemoryStream Open(string path)
        => _files.TryGetValue(path, out var bytes)
            ? new MemoryStream(bytes, writable: false)
            : throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The run '{runId}' has no artifact file '{path}'.");

    public void Store(string path, byte[] content)
    {
        CheckIsFree(path);
        _files[path] = content;
        for (var folder = ParentOf(path); folder.Length > 0; folder = ParentOf(folder))
        {
            _folders.Add(folder);
        }
    }

    /// <exception cref="ModelTrackException">A folder and a file would have the same path.</exception>
    public void CheckIsFree(string path)
    {
        var isTaken = _folders.Contains(path);
        for (var folder = ParentOf(path); folder.Length > 0; folder = ParentOf(folder))
        {
            isTaken |= _files.ContainsKey(folder);
        }

        if (isTaken)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidParameterValue, $"The artifact '{path}' cannot be stored: a folder and a file would have the same path.");
        }
    }

    private static string ParentOf(string path) => path[..Math.Max(path.LastIndexOf('/'), 0)];
}
