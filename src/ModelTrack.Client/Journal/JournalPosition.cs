namespace ModelTrack.Client.Journal;

/// <summary>A place in a journal: before the byte <paramref name="Offset"/> of segment <paramref name="Segment"/>.</summary>
internal readonly record struct JournalPosition(int Segment, int Offset) : IComparable<JournalPosition>
{
    public static readonly JournalPosition Start;

    public int CompareTo(JournalPosition other)
        => Segment != other.Segment ? Segment.CompareTo(other.Segment) : Offset.CompareTo(other.Offset);

    public static bool operator <(JournalPosition left, JournalPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(JournalPosition left, JournalPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(JournalPosition left, JournalPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(JournalPosition left, JournalPosition right) => left.CompareTo(right) >= 0;
}
