namespace ModelTrack.Client;

/// <summary>The local folder that artifacts are copied to, which nothing may leave: neither by a name nor by a link that lies in it.</summary>
internal sealed class DownloadTarget
{
    private readonly string _root;

    public DownloadTarget(string destination) => _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));

    /// <summary>The local path of an artifact that was checked before.</summary>
    public string PathOf(string artifactPath)
    {
        if (artifactPath.Length == 0)
        {
            return _root;
        }

        if (OperatingSystem.IsWindows() && WindowsNames.FindFault(artifactPath) is { } fault)
        {
            throw new IOException($"The artifact {Excerpt.Of(artifactPath)} cannot be a file on Windows: {fault}.");
        }

        var local = Path.GetFullPath(Path.Combine(_root, artifactPath.Replace('/', Path.DirectorySeparatorChar)));
        var inside = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
        return local.StartsWith(inside, StringComparison.Ordinal)
            ? local
            : throw new IOException($"The artifact {Excerpt.Of(artifactPath)} would lie outside of {_root}.");
    }

    public void CreateFolder(string artifactPath)
    {
        CheckLinks(artifactPath);
        Directory.CreateDirectory(PathOf(artifactPath));
    }

    /// <summary>Writes a file whole or not at all: beside its place, then by a rename over it.</summary>
    /// <param name="artifactPath">The artifact's path, checked.</param>
    /// <param name="write">Writes the content to the file whose path it is given.</param>
    /// <returns>The file's size.</returns>
    public async Task<long> WriteFileAsync(string artifactPath, Func<string, ValueTask> write)
    {
        var local = PathOf(artifactPath);
        CreateFolder(ArtifactPath.FolderOf(artifactPath));
        var temporary = Path.Combine(Path.GetDirectoryName(local)!, $".modeltrack-{Guid.NewGuid():N}.tmp");
        try
        {
            await write(temporary).ConfigureAwait(false);
            var size = new FileInfo(temporary).Length;

            // A link in this place is replaced, not followed.
            File.Move(temporary, local, overwrite: true);
            return size;
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    // Links above the root are the user's own way there. Below it none is followed: it may lead out, or come to.
    private void CheckLinks(string folder)
    {
        for (var end = 0; end < folder.Length; end++)
        {
            end = folder.IndexOf('/', end) is >= 0 and var slash ? slash : folder.Length;
            var local = new DirectoryInfo(PathOf(folder[..end]));
            if (local.LinkTarget is not null)
            {
                throw new IOException($"{local.FullName} is a link; artifacts are not copied through links below {_root}.");
            }
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The exception that brought us here says more.
        }
    }
}
