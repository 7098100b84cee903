using System.IO.Enumeration;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Folders with a file for each key: params and tags hold the value as raw text, metrics their points.</summary>
internal static class KeyFiles
{
    // Links to folders are not followed, as MLflow does not: they could go round in circles.
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = true,
    };

    /// <summary>The files below a folder that exists. A file's key is the rest of its path.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="onFolder">Called with each folder below it before that is listed.</param>
    public static IEnumerable<string> List(string folder, Action<string>? onFolder = null)
        => new FileSystemEnumerable<string>(
            folder, (ref FileSystemEntry entry) => string.Concat(entry.Directory, "/", entry.FileName), Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) =>
            {
                var follows = (entry.Attributes & FileAttributes.ReparsePoint) == 0;
                if (follows)
                {
                    onFolder?.Invoke(string.Concat(entry.Directory, "/", entry.FileName));
                }

                return follows;
            },
        };

    /// <summary>The key of a listed file; null, with a warning, for a stray file that cannot be one.</summary>
    public static string? ToKey(string folder, string path, ILogger logger)
    {
        var key = path[(folder.Length + 1)..];
        if (Path.DirectorySeparatorChar != '/')
        {
            key = key.Replace(Path.DirectorySeparatorChar, '/');
        }

        if (KeyPath.IsLegal(key))
        {
            return key;
        }

        logger.LogWarning("The stray file {Path} was skipped. MLflow itself does not open a run with such a file.", path);
        return null;
    }

    /// <summary>The values of all keys below a folder that exists.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="scratch">What to read with.</param>
    /// <param name="logger">Hears of what is skipped.</param>
    /// <param name="onFile">Called with each file before it is read.</param>
    /// <param name="onFolder">As for <see cref="List"/>.</param>
    /// <param name="onSkipped">Called for each file that is skipped.</param>
    public static Dictionary<string, string> ReadAll(
        string folder, FileScratch scratch, ILogger logger, Action<string>? onFile = null, Action<string>? onFolder = null, Action? onSkipped = null)
    {
        var values = new Dictionary<string, string>();
        ForEach(
            folder,
            logger,
            (key, path) =>
            {
                onFile?.Invoke(path);
                values[key] = Encoding.UTF8.GetString(scratch.Read(path));
                return true;
            },
            onFolder,
            onSkipped);
        return values;
    }

    /// <summary>Reads the files of all keys below a folder that exists; what cannot be read is skipped with a warning.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="logger">Hears of what is skipped.</param>
    /// <param name="read">Reads a file, given its key and its path; false: there is nothing in it.</param>
    /// <param name="onFolder">As for <see cref="List"/>.</param>
    /// <param name="onSkipped">Called for each file that is skipped, or has nothing in it.</param>
    public static void ForEach(
        string folder, ILogger logger, Func<string, string, bool> read, Action<string>? onFolder = null, Action? onSkipped = null)
    {
        foreach (var path in List(folder, onFolder))
        {
            try
            {
                if (ToKey(folder, path, logger) is { } key && read(key, path))
                {
                    continue;
                }
            }
            catch (FileNotFoundException)
            {
                // Removed since it was listed.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.LogWarning(e, "{Path} cannot be read and was skipped.", path);
            }

            onSkipped?.Invoke();
        }
    }

    /// <summary>Stores a value, whole or not at all.</summary>
    /// <param name="folder">The folder of the keys; made when missing.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="tempFolder">Where the temporary file goes: the run's own folder, say.</param>
    /// <exception cref="ModelTrackException">The key is in the way of another one: <c>a</c> and <c>a/b</c>.</exception>
    public static void Write(string folder, string key, string value, string tempFolder)
    {
        Rules.CheckFileKey(key);
        var path = KeyPath.Checked(folder, key);
        try
        {
            Directory.CreateDirectory(folder);
            KeyPath.CreateParent(folder, key);
            AtomicFile.Replace(path, Encoding.UTF8.GetBytes(value), tempFolder);
        }
        catch (Exception e) when (KeyPath.Conflict(folder, key, e) is { } conflict)
        {
            throw new ModelTrackException(ErrorCode.InvalidParameterValue, $"The key '{key}' cannot be stored: {conflict}.", e);
        }
    }

    /// <returns>Whether it was there.</returns>
    public static bool Delete(string folder, string key)
    {
        var path = KeyPath.Checked(folder, key);
        if (!File.Exists(path))
        {
            return false;
        }

        File.Delete(path);
        return true;
    }
}
