namespace ModelTrack.Client.Journal;

/// <summary>A folder that journals lie in.</summary>
/// <param name="Folder">Its full path.</param>
/// <param name="InsideStore">Whether it is the mlruns folder itself, whose root takes plain files only.</param>
internal sealed record JournalPlace(string Folder, bool InsideStore)
{
    /// <summary>EROFS of Linux and macOS.</summary>
    private const int ReadOnlyFileSystem = 30;

    /// <summary>
    /// The place for a tracker: option, <c>MODELTRACK_JOURNAL_DIR</c>, the store's own folder, local application data, the temporary
    /// folder; null when none can be written, which leaves memory.
    /// </summary>
    public static JournalPlace? Choose(string? option, string? environment, string? storeFolder)
    {
        if ((option ?? environment) is { Length: > 0 } chosen)
        {
            var folder = Path.GetFullPath(chosen);
            OwnerOnly.CreateFolder(folder);
            return new JournalPlace(folder, InsideStore: false);
        }

        if (storeFolder is not null)
        {
            return new JournalPlace(storeFolder, InsideStore: true);
        }

        // Empty where the account has no home.
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return FirstWritable(local.Length > 0 ? [local, Path.GetTempPath()] : [Path.GetTempPath()]);
    }

    /// <summary>A place below the first of some folders that can be written; null when none can be.</summary>
    public static JournalPlace? FirstWritable(IReadOnlyList<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            try
            {
                var folder = Path.Combine(candidate, "modeltrack", "journals");
                OwnerOnly.CreateFolder(folder);
                if (CanBeWritten(folder))
                {
                    return new JournalPlace(folder, InsideStore: false);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next candidate.
            }
        }

        return null;
    }

    /// <summary>
    /// A folder that was made when its disk could be written may lie on one that no longer can. A full disk is no reason to go elsewhere: it has
    /// what earlier processes left, and may have room again.
    /// </summary>
    private static bool CanBeWritten(string folder)
    {
        var probe = Path.Combine(folder, ".probe-" + Guid.NewGuid().ToString("N"));
        try
        {
            OwnerOnly.CreateFile(probe).Dispose();
            File.Delete(probe);
            return true;
        }
        catch (IOException e)
        {
            return e.HResult is not ReadOnlyFileSystem;
        }
    }
}
