namespace ModelTrack.Client.Journal;

/// <summary>A folder that journals lie in.</summary>
/// <param name="Folder">Its full path.</param>
/// <param name="InsideStore">Whether it is the mlruns folder itself, whose root takes plain files only.</param>
internal sealed record JournalPlace(string Folder, bool InsideStore)
{
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
        string[] candidates = local.Length > 0 ? [local, Path.GetTempPath()] : [Path.GetTempPath()];
        foreach (var candidate in candidates)
        {
            try
            {
                var folder = Path.Combine(candidate, "modeltrack", "journals");
                OwnerOnly.CreateFolder(folder);
                return new JournalPlace(folder, InsideStore: false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next candidate.
            }
        }

        return null;
    }
}
