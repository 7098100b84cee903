using System.Collections.Concurrent;
using System.Security.Cryptography;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Telemetry;

namespace ModelTrack.Client;

/// <summary>
/// Models by their URIs (<see cref="Tracker.Models"/>): finds out what they mean, and brings the files to the local disk, into a cache that
/// the processes of one user share. Safe for use from several threads.
/// </summary>
/// <remarks>
/// The URIs are <c>models:/name/3</c>, <c>models:/name/latest</c>, <c>models:/name/Production</c>, <c>models:/name@alias</c>,
/// <c>models:/m-…</c> (a logged model of MLflow 3), each of them with a path inside the model behind it;
/// <c>runs:/&lt;run id&gt;/&lt;path&gt;</c>, which finds a run's artifacts and its logged models alike; and any other location of a model's files, such as a local folder.
/// </remarks>
public sealed class ModelClient
{
    private const string MetaName = "registered_model_meta";

    private readonly ModelLocator _locator;
    private readonly Lazy<ModelCache> _cache;
    private readonly Lazy<string> _store;
    private readonly bool _cacheOnly;
    private readonly int _parallel;

    /// <summary>One copy of a model at a time; the others of this process then find it in the cache.</summary>
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _copying = new(StringComparer.Ordinal);

    /// <param name="locator">Finds models.</param>
    /// <param name="cache">The cache; made when it is first used.</param>
    /// <param name="store">What tells the tracking store and the registry from all others.</param>
    /// <param name="cacheOnly">Whether nothing but the cache is asked.</param>
    /// <param name="parallel">How many files are copied at a time.</param>
    internal ModelClient(ModelLocator locator, Lazy<ModelCache> cache, Lazy<string> store, bool cacheOnly, int parallel)
    {
        _locator = locator;
        _cache = cache;
        _store = store;
        _cacheOnly = cacheOnly;
        _parallel = parallel;
    }

    /// <summary>Finds out what a model URI means, without copying anything. Always asks the store.</summary>
    /// <param name="uri">The model's URI.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What it means at this moment.</returns>
    /// <exception cref="ArgumentException">It is no model URI; the message says which forms there are.</exception>
    /// <exception cref="ModelTrackException">
    /// The model, version, alias or run does not exist, or the stage has no version (<see cref="ErrorCode.ResourceDoesNotExist"/>); or the
    /// version is not ready (<see cref="ErrorCode.InvalidState"/>).
    /// </exception>
    public async Task<ResolvedModel> ResolveAsync(string uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return await _locator.ResolveAsync(uri, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Brings a model to the local disk. When the cache has it, only its manifest and the sizes of its files are asked for, and the files on
    /// the disk are checked; otherwise, and when they are damaged, they are copied, and are seen by nobody before all are there.
    /// </summary>
    /// <param name="uri">The model's URI.</param>
    /// <param name="cacheOnly">
    /// True: no store is asked; the cache gives what the URI meant when it was last asked for. Default:
    /// <see cref="TrackerOptions.ModelCacheOnly"/>.
    /// </param>
    /// <param name="progress">Told how far it has come, from several threads; null: nobody asks.</param>
    /// <param name="cancellationToken">Ends the copy; nothing of it stays.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">It is no model URI; the message says which forms there are.</exception>
    /// <exception cref="ModelTrackException">
    /// The model, version, alias or run does not exist, the stage has no version, or there is no file <c>MLmodel</c>
    /// (<see cref="ErrorCode.ResourceDoesNotExist"/>); the version is not ready, or the cache alone is asked and is damaged
    /// (<see cref="ErrorCode.InvalidState"/>); the files are where nothing here reads (<see cref="ErrorCode.NotImplemented"/>); or the store
    /// lists a path that is not safe.
    /// </exception>
    /// <exception cref="InvalidDataException">The model's manifest is none.</exception>
    /// <exception cref="IOException">The local disk fails, or is full.</exception>
    public async Task<LocalModel> DownloadAsync(
        string uri, bool? cacheOnly = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (cacheOnly ?? _cacheOnly)
        {
            return OpenCached(uri);
        }

        var content = await _locator.FindAsync(uri, cancellationToken).ConfigureAwait(false);
        var gate = _copying.GetOrAdd(content.Model.Uri, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ClientActivities.TraceAsync(
                "modeltrack.download_model", content.Model.Uri, _ => BringAsync(uri, content, progress, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>What a model's files are read from.</summary>
    internal async Task<ArtifactSource> FindFilesAsync(string uri, CancellationToken cancellationToken)
        => (await _locator.FindAsync(uri, cancellationToken).ConfigureAwait(false)).Files;

    /// <summary>Closes what goes with the tracker.</summary>
    internal void Close()
    {
        if (_cache.IsValueCreated)
        {
            _cache.Value.Close();
        }
    }

    private LocalModel OpenCached(string uri)
    {
        var asked = WholeModel(uri, out var subPath);
        var cached = _cache.Value.Find(_store.Value, asked) ?? throw new ModelTrackException(
            ErrorCode.ResourceDoesNotExist,
            $"The model cache in {_cache.Value.Root} does not have {Excerpt.Of(asked)}, and nothing else may be asked. Download it once without "
            + $"{nameof(TrackerOptions.ModelCacheOnly)}.");
        if (_cache.Value.Open(cached.Entry, out var fault) is null)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState,
                $"The model {Excerpt.Of(asked)} in the cache in {_cache.Value.Root} cannot be used: {fault}. Download it once without "
                + $"{nameof(TrackerOptions.ModelCacheOnly)}, which puts it right.");
        }

        return ToLocal(cached.Entry, cached.Model with { SubPath = subPath }, wasCached: true);
    }

    /// <summary>The URI by which the cache knows the model: without the path inside it. Refuses what the store would be spared.</summary>
    private static string WholeModel(string uri, out string subPath)
    {
        subPath = "";
        switch (UriScheme.Of(uri))
        {
            case ModelsUri.Scheme:
                ModelsUri.Parse(uri, out subPath);
                uri = uri.TrimEnd('/');
                return subPath.Length == 0 ? uri : uri[..^(subPath.Length + 1)];
            case RunsUri.Scheme:
                RunsUri.Parse(uri);
                return uri.TrimEnd('/');
            default:
                ArgumentException.ThrowIfNullOrWhiteSpace(uri);
                return ArtifactLocations.Normalize(uri);
        }
    }

    private async Task<LocalModel> BringAsync(
        string uri, ModelContent content, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var cache = _cache.Value;
        var model = content.Model;
        var listed = await ListAsync(uri, content, cache.Root, cancellationToken).ConfigureAwait(false);
        if (!listed.Any(file => file.Path == ModelManifest.FileName))
        {
            throw new ModelTrackException(
                ErrorCode.ResourceDoesNotExist,
                $"There is no model at {Excerpt.Of(uri)}: it has no file {ModelManifest.FileName}"
                + (model.Location is { Length: > 0 } location ? $" in {Excerpt.Of(location)}." : "."));
        }

        var canonical = model.Uri;
        if (cache.Find(_store.Value, canonical) is { } known && known.Model.Location == model.Location
            && cache.Open(known.Entry, out _) is { } index
            && await IsSameAsync(index, listed, content.Files, cancellationToken).ConfigureAwait(false))
        {
            return Remember(uri, known.Entry, model, wasCached: true);
        }

        var entry = await cache.AddAsync(
            canonical, $"{_store.Value}\n{canonical}", folder => CopyAsync(content, folder, progress, cancellationToken)).ConfigureAwait(false);
        return Remember(uri, entry, model, wasCached: false);
    }

    private static async Task<IReadOnlyList<ArtifactInfo>> ListAsync(
        string uri, ModelContent content, string root, CancellationToken cancellationToken)
    {
        try
        {
            return await ArtifactDownload.ListAsync(content.Files, root, null, cancellationToken).ConfigureAwait(false);
        }
        catch (NotSupportedException e)
        {
            // A model is all that lies in its folder, and a web address, for one, does not say what that is.
            throw new ModelTrackException(ErrorCode.NotImplemented, $"The model at {Excerpt.Of(uri)} cannot be copied: {e.Message}", e);
        }
    }

    /// <summary>By the sizes of all files and the content of the manifest, which has a new id and a new time in every model.</summary>
    private static async Task<bool> IsSameAsync(
        ModelCacheIndex index, IReadOnlyList<ArtifactInfo> listed, ArtifactSource files, CancellationToken cancellationToken)
    {
        var known = index.Files.Where(file => file.Path != MetaName).ToDictionary(file => file.Path, StringComparer.Ordinal);
        var there = listed.Where(file => file.Path != MetaName).ToList();
        if (there.Count != known.Count
            || !there.All(file => known.TryGetValue(file.Path, out var cached) && (file.Size is null || file.Size == cached.Size)))
        {
            return false;
        }

        var temporary = Path.GetTempFileName();
        try
        {
            await files.DownloadAsync(ModelManifest.FileName, temporary, null, cancellationToken).ConfigureAwait(false);
            var content = await File.ReadAllBytesAsync(temporary, cancellationToken).ConfigureAwait(false);
            return Convert.ToHexString(SHA256.HashData(content)) == known[ModelManifest.FileName].Sha256;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task CopyAsync(
        ModelContent content, string folder, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        await ArtifactDownload.RunAsync(content.Files, folder, "", _parallel, progress, cancellationToken).ConfigureAwait(false);

        // What is no manifest is not kept.
        ModelManifest.Load(folder);
        if (content.Model is { Name: { } name, Version: { } version })
        {
            var meta = ModelValue.Map(("model_name", name), ("model_version", version));
            await File.WriteAllTextAsync(Path.Combine(folder, MetaName), ManifestYamlWriter.Write(meta), cancellationToken).ConfigureAwait(false);
        }
    }

    private LocalModel Remember(string uri, string entry, ResolvedModel model, bool wasCached)
    {
        foreach (var name in new[] { WholeModel(uri, out _), model.Uri }.Distinct())
        {
            _cache.Value.Remember(new CachedModel(_store.Value, name, entry, model with { SubPath = "" }));
        }

        return ToLocal(entry, model, wasCached);
    }

    private LocalModel ToLocal(string entry, ResolvedModel model, bool wasCached)
    {
        var folder = _cache.Value.FilesOf(entry);
        var manifest = ModelManifest.Load(folder);
        var path = model.SubPath.Length == 0 ? folder : new DownloadTarget(folder).PathOf(model.SubPath);
        if (!Path.Exists(path))
        {
            throw new ModelTrackException(
                ErrorCode.ResourceDoesNotExist, $"The model {Excerpt.Of(model.Uri)} has nothing at {Excerpt.Of(model.SubPath)}.");
        }

        return new LocalModel
        {
            Uri = model.Uri,
            Path = path,
            Folder = folder,
            Manifest = manifest,
            Name = model.Name,
            Version = model.Version,
            ModelId = model.ModelId ?? manifest.ModelId,
            RunId = model.RunId ?? manifest.RunId,
            WasCached = wasCached,
        };
    }
}
