namespace ModelTrack.Client;

/// <summary>A journal as it lies on the disk.</summary>
/// <param name="Id">By this it is delivered or discarded.</param>
/// <param name="Location">Its folder, or where it lies inside a store the pattern of its files.</param>
/// <param name="State">What is going on with it.</param>
/// <param name="Destination">What its records are for: a tracking URI without user info; null when that cannot be read.</param>
/// <param name="Machine">The machine that it was written on; null when that cannot be read.</param>
/// <param name="ProcessId">The process that wrote it; 0 when that cannot be read.</param>
/// <param name="Created">When it was made; null when that cannot be read.</param>
/// <param name="LastWrite">When something was last written to it, to a segment's precision: what goes by a mapping has no time of its own.</param>
/// <param name="Pending">How many records wait to be stored; null while it is in use.</param>
/// <param name="Runs">How many of its runs have something that waits; null while it is in use.</param>
/// <param name="Bytes">The size of its files, the files that wait to be sent among them.</param>
public sealed record JournalInfo(
    string Id,
    string Location,
    JournalState State,
    string? Destination,
    string? Machine,
    int ProcessId,
    DateTimeOffset? Created,
    DateTimeOffset LastWrite,
    long? Pending,
    int? Runs,
    long Bytes);
