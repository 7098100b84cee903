using YamlDotNet.Core;

namespace ModelTrack.Client;

/// <summary>How the YAML parser says that a text is none.</summary>
internal static class YamlFaults
{
    /// <summary>Whether the parser throws such exceptions: it has no words of its own for some nonsense.</summary>
    public static bool IsParsers(Exception e) => e is YamlException or ArgumentException or FormatException or InvalidOperationException
        or OverflowException or IndexOutOfRangeException or InvalidCastException or NullReferenceException;
}
