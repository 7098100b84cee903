using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Fuzz.Mutation;

/// <summary>A record of a segment, apart from what its place in the segment decides (length, mark, checksum).</summary>
/// <param name="Kind">What it says it is.</param>
/// <param name="Run">The number of its run.</param>
/// <param name="Key">The number of its key, or a length.</param>
/// <param name="Rest">What comes after the header.</param>
internal readonly record struct SegmentRecord(RecordKind Kind, int Run, int Key, byte[] Rest);
