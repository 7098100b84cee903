namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>Files to begin from.</summary>
internal static class SeedFiles
{
    private const int MaxLength = 16 << 10;

    /// <summary>The seeds that are kept for a target, in the folder of its name.</summary>
    public static IEnumerable<byte[]> Kept(string target) => Read(Path.Combine(AppContext.BaseDirectory, "Seeds", target), "*");

    /// <summary>What a real MLflow wrote, by a pattern for names; what is too long to be changed quickly is left out.</summary>
    public static IEnumerable<byte[]> Fixtures(string pattern) => Read(Path.Combine(AppContext.BaseDirectory, "Fixtures"), pattern);

    private static IEnumerable<byte[]> Read(string folder, string pattern) => !Directory.Exists(folder) ? [] :
        Directory.GetFiles(folder, pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Where(path => new FileInfo(path).Length <= MaxLength)
            .Select(File.ReadAllBytes);
}
