using System.Reflection;
using System.Text;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Tests.Artifacts;

/// <summary>A backend that knows only artifacts: what it lists, and what the files hold.</summary>
#pragma warning disable CA1852, CA2012 // The proxy is a subclass made at run time, and passes ValueTasks on as objects.
internal class StoredArtifacts : DispatchProxy
{
    private readonly Dictionary<string, List<ArtifactInfo>> _listings = [];

    private readonly Dictionary<string, Func<Stream>> _files = [];

    public bool IsRemote { get; set; }

    /// <summary>Lists instead of what the test put in.</summary>
    public Func<string, CancellationToken, ValueTask<IReadOnlyList<ArtifactInfo>>>? Lists { get; set; }

    public static (ITrackingBackend Backend, StoredArtifacts Store) Create()
    {
        var backend = Create<ITrackingBackend, StoredArtifacts>();
        return (backend, (StoredArtifacts)(object)backend);
    }

    /// <summary>A file in all the folders above it.</summary>
    public StoredArtifacts File(string path, string text)
    {
        _files[path] = () => new MemoryStream(Encoding.UTF8.GetBytes(text));
        for (var slash = path.LastIndexOf('/'); ; slash = path.LastIndexOf('/'))
        {
            var isFile = _files.ContainsKey(path);
            List(slash < 0 ? "" : path[..slash], new ArtifactInfo(path, !isFile, isFile ? text.Length : null));
            if (slash < 0)
            {
                return this;
            }

            path = path[..slash];
        }
    }

    public StoredArtifacts List(string folder, ArtifactInfo entry)
    {
        var listing = _listings.TryGetValue(folder, out var known) ? known : _listings[folder] = [];
        if (!listing.Contains(entry))
        {
            listing.Add(entry);
        }

        return this;
    }

    public StoredArtifacts Open(string path, Func<Stream> open)
    {
        _files[path] = open;
        return this;
    }

    private ValueTask<IReadOnlyList<ArtifactInfo>> List(string folder) => new(_listings.TryGetValue(folder, out var entries) ? entries : []);

    private async ValueTask Download(string path, string localFile, IProgress<long>? progress)
    {
        await using var content = _files[path]();
        await FileCopy.ToFileAsync(content, localFile, progress, CancellationToken.None);
    }

    private ValueTask<Stream> Open(string path) => new(_files[path]());

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(ITrackingBackend.ListArtifactsAsync) => Lists is { } lists ? lists((string)args![1]!, default) : List((string)args![1]!),
        nameof(ITrackingBackend.OpenArtifactAsync) => Open((string)args![1]!),
        nameof(ITrackingBackend.DownloadArtifactAsync) => Download((string)args![1]!, (string)args[2]!, (IProgress<long>?)args[3]),
        "get_IsRemote" => IsRemote,
        nameof(IDisposable.Dispose) => null,
        _ => throw new NotSupportedException(targetMethod.Name),
    };
}
