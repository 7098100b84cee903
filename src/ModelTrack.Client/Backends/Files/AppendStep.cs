namespace ModelTrack.Client.Backends.Files;

internal enum AppendStep
{
    /// <summary>The key cannot be stored.</summary>
    Refuse,

    /// <summary>An earlier try has stored everything.</summary>
    Nothing,

    /// <summary>There is no file yet.</summary>
    Create,

    Append,

    /// <summary>The lines are cut short at the end of the file.</summary>
    Continue,

    Rewrite,
}
