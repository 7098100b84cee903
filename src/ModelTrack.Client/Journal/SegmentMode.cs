namespace ModelTrack.Client.Journal;

/// <summary>How a segment's memory gets to its file.</summary>
internal enum SegmentMode
{
    /// <summary>The file is mapped: a write into memory is in the kernel's hands at once.</summary>
    Mapped,

    /// <summary>Memory, and every record also written to the file by a plain write: where a mapping cannot be trusted.</summary>
    WriteThrough,

    /// <summary>Memory alone: nothing outlives the process.</summary>
    Memory,
}
