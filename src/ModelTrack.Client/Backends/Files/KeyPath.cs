using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// The file of a key below <c>metrics</c>, <c>params</c> or <c>tags</c>: a key is a relative path there, nothing is escaped. Keys are
/// checked where they are logged; here is only what a folder cannot hold, and what would lead out of it.
/// </summary>
internal static class KeyPath
{
    /// <summary>Whether MLflow takes it for a key. It checks that on reading too, and a stray file stops its search.</summary>
    public static bool IsLegal(ReadOnlySpan<char> key) => Rules.IsKey(key);

    /// <summary>Why no file can have this key as its path; null when one can.</summary>
    public static string? Refusal(string key)
    {
        if (key.Length == 0 || key[0] == '/' || key[^1] == '/' || key.Contains('\0', StringComparison.Ordinal))
        {
            return $"the key '{key}' is not a path below a folder";
        }

        foreach (var segment in key.Split('/'))
        {
            if (segment is "" or "." or "..")
            {
                return $"the key '{key}' is not a path in normal form";
            }
        }

        return OperatingSystem.IsWindows() && WindowsNames.FindFault(key) is { } fault ? $"Windows cannot hold such a file: {fault}" : null;
    }

    public static string Of(string folder, string key) => string.Concat(folder, "/", key);

    /// <summary>As <see cref="Of"/>, for a key that nobody has checked.</summary>
    /// <exception cref="ModelTrackException">The key has no file: another one could be reached through it.</exception>
    public static string Checked(string folder, string key)
        => IsLegal(key)
            ? Of(folder, key)
            : throw new ModelTrackException(ErrorCode.InvalidParameterValue, $"The key '{key}' cannot be stored in a folder.");

    /// <summary>Makes the folders of a key that has any.</summary>
    public static void CreateParent(string folder, string key)
    {
        var end = key.LastIndexOf('/');
        if (end > 0)
        {
            Directory.CreateDirectory(string.Concat(folder, "/", key.AsSpan(0, end)));
        }
    }

    /// <summary>Asked after an I/O error: whether other keys of the folder, or the key's length, are the cause, so that no repeat helps.</summary>
    public static string? Conflict(string folder, string key, Exception error)
    {
        if (error is PathTooLongException)
        {
            return "its path is too long for this file system";
        }

        if (Directory.Exists(Of(folder, key)))
        {
            return $"there are keys below '{key}/', and a folder cannot hold both";
        }

        for (var end = key.IndexOf('/', StringComparison.Ordinal); end > 0; end = key.IndexOf('/', end + 1))
        {
            if (File.Exists(Of(folder, key[..end])))
            {
                return $"there is a key '{key[..end]}', and a folder cannot hold keys below it";
            }
        }

        // The system's error for it differs from call to call, so the names themselves are looked at.
        return Array.Exists(key.Split('/'), s => Encoding.UTF8.GetByteCount(s) > 255)
            ? "its path is too long for this file system"
            : null;
    }
}
