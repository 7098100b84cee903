using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <summary>
/// Models on the local disk, shared by the processes of one user without a lock: an entry is made in a folder of its own and gets its name by
/// one rename, when all is there. Its name has the hash of its content in it, so that another content is another entry, and nobody's files
/// change below them.
/// </summary>
/// <remarks>
/// <c>models/&lt;entry&gt;/files/…</c> and <c>models/&lt;entry&gt;/index.json</c> (sizes and hashes; its time says when the entry was last used);
/// <c>uris/&lt;hash&gt;.json</c> (what a URI meant last); <c>new/…</c> (what is being made, or on its way out).
/// </remarks>
internal sealed class ModelCache(string root, bool isTemporary, long byteCap, TimeProvider clock, ILogger logger)
{
    private const string IndexName = "index.json";

    /// <summary>Nobody copies one model for so long; what is older was left by a process that died.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(2);

    /// <summary>What was hashed by this object: file, size and time. While these stay the content does too.</summary>
    private readonly ConcurrentDictionary<string, (long Size, long Ticks, string Sha256)> _hashed = new(StringComparer.Ordinal);

    private string Models { get; } = Path.Combine(root, "models");

    private string Uris { get; } = Path.Combine(root, "uris");

    private string New { get; } = Path.Combine(root, "new");

    public string Root => root;

    /// <summary>The folder with the files of an entry.</summary>
    public string FilesOf(string entry) => Path.Combine(Models, entry, "files");

    /// <summary>Removes a cache that nobody could find again.</summary>
    public void Close()
    {
        if (isTemporary)
        {
            TryDelete(root);
        }
    }

    /// <summary>What the URI meant when it was last asked for; null when it never was.</summary>
    public CachedModel? Find(string store, string uri)
    {
        var found = Read(UriFile(store, uri), ModelCacheJson.Default.CachedModel);

        // The entry becomes a path. Two URIs never have one hash by chance; the file may have been changed by hand.
        return found is { Model: not null } && found.Store == store && found.AskedUri == uri && IsEntryName(found.Entry) ? found : null;
    }

    /// <summary>Notes what a URI means. Failing to is no failure: it is found out again.</summary>
    public void Remember(CachedModel model)
    {
        try
        {
            OwnerOnly.CreateFolder(Uris);
            var json = JsonSerializer.SerializeToUtf8Bytes(model, ModelCacheJson.Default.CachedModel);
            AtomicFile.Replace(UriFile(model.Store, model.AskedUri), json, Uris);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "The model cache in {Root} cannot note what {Uri} means.", root, model.AskedUri);
        }
    }

    /// <summary>The index of an entry whose files are as it says; marks the entry as used.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="fault">What is wrong when there is none.</param>
    public ModelCacheIndex? Open(string entry, out string? fault)
    {
        var indexFile = Path.Combine(Models, entry, IndexName);
        var index = Read(indexFile, ModelCacheJson.Default.ModelCacheIndex);
        if (index?.Files is null)
        {
            fault = File.Exists(indexFile) ? "its index is damaged" : "it is not there any more";
            return null;
        }

        Touch(indexFile);
        fault = index.Files.Select(file => FindFault(FilesOf(entry), file)).FirstOrDefault(found => found is not null);
        return fault is null ? index : null;
    }

    /// <summary>Makes an entry, whole or not at all.</summary>
    /// <param name="uri">The model.</param>
    /// <param name="identity">What tells it from all others.</param>
    /// <param name="fill">Writes the model's files into the folder that it is given.</param>
    /// <returns>The entry's name.</returns>
    /// <exception cref="IOException">The disk fails, or is full.</exception>
    public async Task<string> AddAsync(string uri, string identity, Func<string, Task> fill)
    {
        OwnerOnly.CreateFolder(Models);
        var folder = Path.Combine(New, Guid.NewGuid().ToString("N"));
        try
        {
            var files = Path.Combine(folder, "files");
            OwnerOnly.CreateFolder(files);
            await fill(files).ConfigureAwait(false);
            var index = new ModelCacheIndex(uri, ReadFiles(files));
            var json = JsonSerializer.SerializeToUtf8Bytes(index, ModelCacheJson.Default.ModelCacheIndex);
            await File.WriteAllBytesAsync(Path.Combine(folder, IndexName), json, CancellationToken.None).ConfigureAwait(false);
            var content = string.Join('\n', index.Files.Select(file => $"{file.Path} {file.Size} {file.Sha256}"));
            var entry = $"{Hash(identity)[..24]}-{Hash(content)[..16]}";
            Publish(folder, entry);
            Evict(entry);
            return entry;
        }
        finally
        {
            TryDelete(folder);
        }
    }

    /// <summary>Takes an entry away, in one step for all who look.</summary>
    public void Remove(string entry)
    {
        var doomed = Path.Combine(New, Guid.NewGuid().ToString("N"));
        try
        {
            OwnerOnly.CreateFolder(New);
            Directory.Move(Path.Combine(Models, entry), doomed);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On Windows somebody has a file of it open; the next one who adds something tries again.
            logger.LogDebug(e, "The entry {Entry} stays in the model cache {Root}.", entry, root);
            return;
        }

        TryDelete(doomed);
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool IsEntryName(string? entry) => entry is { Length: 41 } && entry.All(c => char.IsAsciiHexDigitUpper(c) || c == '-');

    private static T? Read<T>(string file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), type);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static string HashOf(string file)
    {
        using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        return Convert.ToHexString(SHA256.HashData(content));
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is gone, or lies in new/ until it is old enough.
        }
    }

    private string UriFile(string store, string uri) => Path.Combine(Uris, Hash(store + "\n" + uri)[..40] + ".json");

    private string? FindFault(string folder, CachedFile file)
    {
        var quoted = Excerpt.Of(file.Path);
        if (file.Path is null || ArtifactPath.FindReadingFault(file.Path) is not null)
        {
            return $"its index names the file {quoted}";
        }

        var path = Path.Combine(folder, file.Path.Replace('/', Path.DirectorySeparatorChar));
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
            {
                return $"the file {quoted} is missing";
            }

            if (info.Length != file.Size)
            {
                return string.Create(CultureInfo.InvariantCulture, $"the file {quoted} has {info.Length} bytes, not {file.Size}");
            }

            var ticks = info.LastWriteTimeUtc.Ticks;
            if (_hashed.TryGetValue(path, out var known) && known.Size == info.Length && known.Ticks == ticks && known.Sha256 == file.Sha256)
            {
                return null;
            }

            if (HashOf(path) != file.Sha256)
            {
                return $"the file {quoted} has another content than it had";
            }

            _hashed[path] = (info.Length, ticks, file.Sha256);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the file {quoted} cannot be read: {e.Message}";
        }
    }

    private static List<CachedFile> ReadFiles(string folder)
        => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => new CachedFile(
                Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'), new FileInfo(file).Length, HashOf(file)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];

    private void Publish(string folder, string entry)
    {
        var target = Path.Combine(Models, entry);
        for (var round = 1; ; round++)
        {
            try
            {
                Directory.Move(folder, target);
                break;
            }
            catch (IOException) when (Directory.Exists(target) && round <= 3)
            {
                if (Open(entry, out _) is not null)
                {
                    // Another process was faster, with the same content.
                    return;
                }

                Remove(entry);
            }
        }

        Touch(Path.Combine(target, IndexName));
    }

    private void Touch(string indexFile)
    {
        try
        {
            File.SetLastWriteTimeUtc(indexFile, clock.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that cannot be written serves all the same.
            logger.LogDebug(e, "The model cache in {Root} cannot note that an entry was used.", root);
        }
    }

    private void Evict(string newest)
    {
        try
        {
            var entries = new DirectoryInfo(Models).EnumerateDirectories()
                .Select(folder => (
                    folder.Name,
                    Used: File.GetLastWriteTimeUtc(Path.Combine(folder.FullName, IndexName)),
                    Size: SizeOf(folder)))
                .OrderByDescending(entry => entry.Name == newest)
                .ThenByDescending(entry => entry.Used)
                .ToList();
            var sum = 0L;
            foreach (var (name, _, size) in entries)
            {
                sum += size;
                if (sum > byteCap && name != newest)
                {
                    Remove(name);
                    sum -= size;
                }
            }

            foreach (var left in new DirectoryInfo(New).EnumerateDirectories())
            {
                if (clock.GetUtcNow() - left.LastWriteTimeUtc > Abandoned)
                {
                    TryDelete(left.FullName);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "The model cache in {Root} could not be kept within its size.", root);
        }
    }

    private static long SizeOf(DirectoryInfo folder)
    {
        try
        {
            return folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // Going at this moment.
        }
    }
}
