using System.Buffers;

namespace ModelTrack.Client;

/// <summary>What Windows makes of names that are ordinary elsewhere: devices, streams, trimmed ends.</summary>
internal static class WindowsNames
{
    private static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
    private static readonly SearchValues<char> NoFileHasThese = SearchValues.Create("<>:\"|?*\\");

    /// <summary>Whether the name is a device there: <c>NUL</c>, <c>com1.txt</c>, <c>LPT²</c>.</summary>
    public static bool IsDevice(ReadOnlySpan<char> name)
    {
        var end = name.IndexOfAny('.', ':');
        var stem = (end < 0 ? name : name[..end]).TrimEnd(' ');
        foreach (var device in Devices)
        {
            if (stem.Equals(device, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return stem.Length == 4
            && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase))
            && stem[3] is (>= '0' and <= '9') or '¹' or '²' or '³';
    }

    /// <summary>Why Windows could not hold the path (with <c>/</c>) as it is, or null.</summary>
    public static string? FindFault(ReadOnlySpan<char> path)
    {
        while (true)
        {
            var slash = path.IndexOf('/');
            if (FindNameFault(slash < 0 ? path : path[..slash]) is { } fault)
            {
                return fault;
            }

            if (slash < 0)
            {
                return null;
            }

            path = path[(slash + 1)..];
        }
    }

    private static string? FindNameFault(ReadOnlySpan<char> name)
    {
        if (name.IndexOfAny(NoFileHasThese) is >= 0 and var index)
        {
            return $"no name there has {Excerpt.CharacterAt(name, index)}";
        }

        if (IsDevice(name))
        {
            return $"{Excerpt.Of(name)} is a device there";
        }

        return name.Length > 0 && name[^1] is '.' or ' ' ? $"{Excerpt.Of(name)} would lose the '.' or ' ' at its end there" : null;
    }
}
