namespace ModelTrack.Client.Fuzz.Running;

/// <summary>How far an input got.</summary>
internal enum Depth
{
    /// <summary>The first check refused it.</summary>
    Refused,

    /// <summary>It was refused, or read in part, by what comes after the first check.</summary>
    Partial,

    /// <summary>It was read.</summary>
    Read,
}
