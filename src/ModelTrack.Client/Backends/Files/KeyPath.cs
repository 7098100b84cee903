using System.Buffers;
using System.Text;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// The file of a key below <c>metrics</c>, <c>params</c> or <c>tags</c>: a key is a relative path there, nothing is escaped. Keys are
/// checked where they are logged; here is only what a folder cannot hold, and what would lead out of it.
/// </summary>
internal static class KeyPath
{
    private static readonly SearchValues<char> ForbiddenOnWindows = SearchValues.Create("<>:\"|?*\\");
    private static readonly string[] Devices = ["con", "prn", "aux", "nul"];

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

            if (OperatingSystem.IsWindows() && WindowsCannotHold(segment))
            {
                return $"Windows cannot hold a file named '{segment}'";
            }
        }

        return null;
    }

    public static string Of(string folder, string key) => string.Concat(folder, "/", key);

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

    private static bool WindowsCannotHold(string segment)
    {
        var stem = segment.Split('.')[0].TrimEnd().ToLowerInvariant();
        return segment[^1] is '.' or ' '
            || segment.AsSpan().IndexOfAny(ForbiddenOnWindows) >= 0
            || Array.IndexOf(Devices, stem) >= 0
            || (stem.Length == 4 && (stem.StartsWith("com", StringComparison.Ordinal) || stem.StartsWith("lpt", StringComparison.Ordinal))
                && char.IsAsciiDigit(stem[3]));
    }
}
