namespace ModelTrack.Client.Torture.Network;

/// <summary>What is wrong with the way to the server, or with the server, for a while.</summary>
internal enum OutageKind
{
    /// <summary>Nothing listens, and open connections are reset.</summary>
    Refused,

    /// <summary>Connections are reset, at random before or after the server has carried out what was asked.</summary>
    Reset,

    /// <summary>Nothing is answered, at random before or after it was carried out, until connections are reset at the end.</summary>
    Stalled,

    /// <summary>Answers stop in their head or in their body; what was asked is carried out.</summary>
    Cut,

    /// <summary>503 and 429, with and without a time to wait.</summary>
    Busy,

    /// <summary>502 and 504, at random before or after it was carried out, or somewhat later.</summary>
    BadGateway,

    /// <summary>Some of everything, and some requests go through.</summary>
    Mixed,
}
