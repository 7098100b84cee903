namespace ModelTrack.Client;

/// <summary>What became of one experiment, run, registered model or version in a sync.</summary>
public enum SyncOutcome
{
    /// <summary>All of it was there already.</summary>
    Unchanged,

    /// <summary>What was missing was copied; in a dry run: would be.</summary>
    Copied,

    /// <summary>The target has something else than the source, which was left as it is. What was merely missing was copied.</summary>
    Conflict,

    /// <summary>It could not be copied, or not all of it. The next sync goes on with it.</summary>
    Failed,
}
