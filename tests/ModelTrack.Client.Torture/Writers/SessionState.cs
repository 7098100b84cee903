namespace ModelTrack.Client.Torture.Writers;

/// <summary>How far a session has come.</summary>
internal enum SessionState
{
    /// <summary>The call that starts its run has not returned.</summary>
    Starting,

    /// <summary>It logs.</summary>
    Started,

    /// <summary>The call that ends its run has not returned.</summary>
    Ending,

    /// <summary>Its run was ended.</summary>
    Ended,
}
