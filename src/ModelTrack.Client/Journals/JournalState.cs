namespace ModelTrack.Client;

/// <summary>What is going on with a journal.</summary>
public enum JournalState
{
    /// <summary>Its process lives, or a tracker is delivering it. It is that one's.</summary>
    InUse,

    /// <summary>Its process is gone. The next tracker for its destination on this machine delivers it.</summary>
    Waiting,

    /// <summary>
    /// It was written on another machine, whose process may live. It is delivered only when that is asked for
    /// (<see cref="JournalClient.DeliverAsync"/>).
    /// </summary>
    OfAnotherMachine,

    /// <summary>Nothing in it says whose it is.</summary>
    Unreadable,
}
