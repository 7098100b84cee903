namespace ModelTrack.Client.Journal;

internal static class RecordKinds
{
    /// <summary>Whether such records are for the store; the others are for the journal itself.</summary>
    public static bool IsDelivered(RecordKind kind)
        => kind is (>= RecordKind.Metric and <= RecordKind.Status) or RecordKind.Artifact or RecordKind.Input or RecordKind.Model;
}
