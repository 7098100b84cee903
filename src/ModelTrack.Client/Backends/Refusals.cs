namespace ModelTrack.Client.Backends;

/// <summary>Why a store of our own refuses records of a batch: the same words in each.</summary>
internal static class Refusals
{
    private const int LongestQuote = 200;

    /// <summary>A param that has a value keeps it.</summary>
    public static string ParamConflict(string key, string stored, string value)
        => $"Param '{key}' already has the value '{Quote(stored)}'; it cannot become '{Quote(value)}'";

    public static string DeletedRun(string runId) => $"Run '{runId}' is deleted; restore it to log to it.";

    /// <summary>Refuses all records of a batch, because its run is deleted.</summary>
    public static List<RecordRefusal> OfDeletedRun(RunBatch batch)
    {
        var reason = DeletedRun(batch.RunId);
        var refusals = new List<RecordRefusal>();
        Add(BatchPart.Param, batch.Params.Count);
        Add(BatchPart.Tag, batch.Tags.Count);
        Add(BatchPart.Metric, batch.Metrics.Count);
        Add(BatchPart.Input, batch.Inputs.Count);
        Add(BatchPart.Status, batch.Status is null ? 0 : 1);
        return refusals;

        void Add(BatchPart kind, int count)
        {
            for (var i = 0; i < count; i++)
            {
                refusals.Add(new RecordRefusal(kind, i, reason));
            }
        }
    }

    private static string Quote(string value) => value.Length <= LongestQuote ? value : string.Concat(value.AsSpan(0, LongestQuote), "…");
}
