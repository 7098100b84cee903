namespace ModelTrack.Client;

/// <summary>
/// Checks of artifact paths: relative, with <c>/</c>, in one form only. What is written must be possible on every system and server
/// (no device names of Windows, no <c>#</c>, which servers refuse); what is read need only be harmless.
/// </summary>
internal static class ArtifactPath
{
    private const int MaxDecodings = 10;

    /// <summary>Longer than any file system's, and short enough that folders in folders come to an end.</summary>
    private const int MaxListedLength = 4096;

    /// <summary>A file's path, or an <see cref="ArgumentException"/> with the rule it breaks.</summary>
    public static string Normalize(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return FindFault(path) is { } fault ? throw Refusal(path, fault, nameof(path)) : path;
    }

    /// <summary>A folder's path; null, empty and "." are the root, which is "".</summary>
    public static string NormalizeFolder(string? path) => path is null or "" or "." ? "" : Normalize(path);

    /// <summary>The path of a file (or folder) in a folder. Both are checked; the name may itself have folders in it.</summary>
    public static string Combine(string? folder, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        // Alone first: an absolute or empty name must not be healed by what stands before it.
        if (FindFault(name) is { } fault)
        {
            throw Refusal(name, fault, nameof(name));
        }

        var parent = NormalizeFolder(folder);
        return parent.Length == 0 ? name : Normalize($"{parent}/{name}");
    }

    /// <summary>As <see cref="NormalizeFolder"/>, for what is only read: others may have stored names that we would not.</summary>
    public static string NormalizeForReading(string? path)
        => path is null or "" or "." ? "" : NormalizeFileForReading(path);

    /// <summary>As <see cref="Normalize"/>, for what is only read.</summary>
    public static string NormalizeFileForReading(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return FindReadingFault(path) is { } fault ? throw Refusal(path, fault, nameof(path)) : path;
    }

    /// <summary>Why the path must not be written to, or null.</summary>
    public static string? FindFault(string path) => FindFault(path, forWriting: true);

    /// <summary>Why the path must not be read (it could lead out of the artifacts, or of the folder it is copied to), or null.</summary>
    public static string? FindReadingFault(string path) => FindFault(path, forWriting: false);

    /// <summary>
    /// Why an entry that a store lists for a folder must not be believed, or null. One level deep and inside: else a listing could lead
    /// anywhere, or round and round.
    /// </summary>
    public static string? FindListingFault(string? path, string folder)
    {
        if (path is null)
        {
            return "it has no path";
        }

        if (path.Length > MaxListedLength)
        {
            return $"its path has more than {MaxListedLength} characters";
        }

        return FindReadingFault(path)
            ?? (FolderOf(path) == folder && path.Length > folder.Length ? null : $"it is no entry of the folder {Excerpt.Of(folder)}");
    }

    /// <summary>The folder that a path lies in; empty for the root.</summary>
    public static string FolderOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    /// <summary>The path that a server makes of one: it decodes until nothing changes, so that <c>a%41</c> is stored as <c>aA</c>.</summary>
    public static string Decode(string path)
    {
        for (var round = 0; round < MaxDecodings && path.Contains('%'); round++)
        {
            var next = Uri.UnescapeDataString(path);
            if (next == path)
            {
                break;
            }

            path = next;
        }

        return path;
    }

    private static string? FindFault(string path, bool forWriting)
    {
        if (CodePoints.IndexOfLoneSurrogate(path) is >= 0 and var index)
        {
            return $"it has {Excerpt.CharacterAt(path, index)}";
        }

        // MLflow's server decodes the path until nothing changes, so what comes out must be harmless at every step.
        var decoded = path;
        for (var round = 0; round <= MaxDecodings; round++)
        {
            if (FindPlainFault(decoded, forWriting) is { } fault)
            {
                return round == 0 ? fault : $"decoded to {Excerpt.Of(decoded)}, {fault}";
            }

            var next = decoded.Contains('%') ? Uri.UnescapeDataString(decoded) : decoded;
            if (next == decoded)
            {
                return null;
            }

            decoded = next;
        }

        return "it is percent-encoded over and over";
    }

    private static string? FindPlainFault(ReadOnlySpan<char> path, bool forWriting)
    {
        if (path.IsEmpty)
        {
            return "it is empty";
        }

        for (var i = 0; i < path.Length; i++)
        {
            if (char.IsControl(path[i]) || path[i] == '\\' || (forWriting && path[i] == '#'))
            {
                return $"it has {Excerpt.CharacterAt(path, i)}";
            }
        }

        if (path[0] == '/')
        {
            return "it is absolute";
        }

        if (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]))
        {
            return "it begins with a drive letter";
        }

        foreach (var part in path.ToString().Split('/'))
        {
            if (FindPartFault(part, forWriting) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FindPartFault(string part, bool forWriting)
    {
        if (part.Length == 0)
        {
            return "it has an empty part";
        }

        // Windows drops dots and spaces at the end, so that ".. " leads upward there too.
        if (part.AsSpan().Trim(". ").IsEmpty)
        {
            return $"it has the part {Excerpt.Of(part)}";
        }

        return forWriting && WindowsNames.IsDevice(part) ? $"{Excerpt.Of(part)} is a device on Windows" : null;
    }

    private static ArgumentException Refusal(string path, string fault, string paramName)
        => new($"{Excerpt.Of(path)} is no artifact path: {fault}. It must be relative, with '/', and without '.' and '..'.", paramName);
}
