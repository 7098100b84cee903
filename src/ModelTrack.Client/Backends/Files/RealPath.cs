namespace ModelTrack.Client.Backends.Files;

/// <summary>Paths without links.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>Whether a path lies in a folder (or is it) once all links are followed.</summary>
    public static bool IsInside(string folder, string path)
    {
        var real = Of(folder);
        var candidate = Of(path);
        var below = Path.EndsInDirectorySeparator(real) ? real : real + Path.DirectorySeparatorChar;
        return candidate == real || candidate.StartsWith(below, StringComparison.Ordinal);
    }

    /// <summary>The path with every link in it followed. What is not there stays as it is.</summary>
    /// <exception cref="IOException">The links go round in circles.</exception>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        var rest = new Stack<string>(Split(full[real.Length..]));
        var links = 0;
        while (rest.TryPop(out var segment))
        {
            if (segment == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new IOException($"The links in '{path}' go round in circles.");
            }

            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(target)!;
                target = target[real.Length..];
            }

            foreach (var part in Split(target))
            {
                rest.Push(part);
            }
        }

        return real;
    }

    // The last segment first, for the stack.
    private static IEnumerable<string> Split(string path)
        => path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
            .Where(s => s != ".").Reverse();
}
