namespace ModelTrack.Client.Tests.Models;

/// <summary>Repositories of models for tests: by location the files, which can be told to misbehave.</summary>
internal sealed class FakeModels : IArtifactRepository
{
    public Dictionary<string, string> Files { get; } = [];

    /// <summary>Names that a listing has besides.</summary>
    public List<string> Listed { get; } = [];

    public Func<string, Task> BeforeDownload { get; set; } = _ => Task.CompletedTask;

    public List<string> Downloads { get; } = [];

    public Task<IReadOnlyList<ArtifactInfo>> ListAsync(string path, CancellationToken cancellationToken = default)
    {
        var prefix = path.Length == 0 ? "" : path + "/";
        var below = Files.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        IReadOnlyList<ArtifactInfo> entries =
        [
            .. below.Where(file => !file.Key[prefix.Length..].Contains('/')).Select(file => new ArtifactInfo(file.Key, false, file.Value.Length)),
            .. below.Where(file => file.Key[prefix.Length..].Contains('/'))
                .Select(file => prefix + file.Key[prefix.Length..].Split('/')[0]).Distinct().Select(folder => new ArtifactInfo(folder, true, null)),
            .. path.Length == 0 ? Listed.Select(name => new ArtifactInfo(name, false, 1)) : [],
        ];
        return Task.FromResult(entries);
    }

    public Task<Stream> OpenReadAsync(string path, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task UploadAsync(string localFile, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public async Task DownloadAsync(string path, string localFile, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        await BeforeDownload(path);
        lock (Downloads)
        {
            Downloads.Add(path);
        }

        await File.WriteAllTextAsync(localFile, Files[path], cancellationToken);
    }
}
