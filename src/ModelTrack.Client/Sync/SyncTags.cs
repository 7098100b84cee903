namespace ModelTrack.Client;

/// <summary>The tags by which copies are found again.</summary>
internal static class SyncTags
{
    /// <summary>Of what a run is a copy: the source run's id. Of an experiment or a version: see where they are made.</summary>
    public const string Source = "modeltrack.sync.source";

    /// <summary>The store that it was copied from, for people.</summary>
    public const string Store = "modeltrack.sync.store";

    /// <summary>
    /// The copy has artifacts that are an older state of the source's, which could not be replaced when it was closed: there the source is
    /// right.
    /// </summary>
    public const string Stale = "modeltrack.sync.stale";

    /// <summary>Kept by programs: where they differ the source's value is the newer one, since nobody edits them.</summary>
    private static readonly HashSet<string> OfPrograms =
        [SystemTags.LoggedArtifacts, SystemTags.LoggedImages, SystemTags.ModelHistory];

    /// <summary>Whether a tag is not the run's, but says how it came to its own store.</summary>
    public static bool IsOfStore(string key)
        => key is Source or Store or Stale or SystemTags.Session or SystemTags.RunKey or SystemTags.Probe;

    public static bool IsOfPrograms(string key) => OfPrograms.Contains(key);
}
