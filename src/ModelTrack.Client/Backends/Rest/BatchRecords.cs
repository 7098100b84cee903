using System.Runtime.InteropServices;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>One record of a batch, by its list and its place there.</summary>
internal readonly record struct BatchRecord(BatchPart Part, int Index);

/// <summary>What of a batch goes into <c>runs/log-batch</c>, in the order in which it is sent.</summary>
internal static class BatchRecords
{
    /// <summary>
    /// Of each param its first value, of each tag its last one if that is no deletion, and all points: by key, so that two clients that
    /// write the same keys cannot wait for each other in the server's database, and for each key in the order in which they were logged.
    /// </summary>
    public static List<BatchRecord> Of(RunBatch batch, List<RecordRefusal> refusals)
    {
        var records = new List<BatchRecord>(batch.Params.Count + batch.Metrics.Count + batch.Tags.Count);
        AddParams(batch, records, refusals);
        AddMetrics(batch, records);
        records.AddRange(LastTags(batch).Where(i => batch.Tags[i].Value is not null).Select(i => new BatchRecord(BatchPart.Tag, i)));
        return records;
    }

    /// <summary>The last record of each tag.</summary>
    public static IEnumerable<int> LastTags(RunBatch batch)
        => batch.Tags.Count == 0
            ? []
            : batch.Tags.Select((tag, index) => (tag.Key, Index: index))
                .GroupBy(tag => tag.Key)
                .OrderBy(tags => tags.Key, StringComparer.Ordinal)
                .Select(tags => tags.Last().Index);

    private static void AddParams(RunBatch batch, List<BatchRecord> records, List<RecordRefusal> refusals)
    {
        var values = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < batch.Params.Count; i++)
        {
            var (key, value) = batch.Params[i];
            if (!values.TryAdd(key, i) && batch.Params[values[key]].Value is var first && first != value)
            {
                refusals.Add(new RecordRefusal(BatchPart.Param, i, Refusals.ParamConflict(key, first, value)));
            }
        }

        records.AddRange(values.Values.Select(i => new BatchRecord(BatchPart.Param, i)));
    }

    private static void AddMetrics(RunBatch batch, List<BatchRecord> records)
    {
        // As a rule a batch has few keys, so counting beats comparing.
        var metrics = batch.Metrics;
        var keys = new Dictionary<int, KeyPlace>();
        var latest = new KeyPlace("");
        int? number = null;
        foreach (var metric in metrics)
        {
            if (metric.KeyNumber != number)
            {
                number = metric.KeyNumber;
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(keys, metric.KeyNumber, out _);
                latest = known ??= new KeyPlace(metric.Key);
            }

            latest.Count++;
        }

        var place = records.Count;
        foreach (var key in keys.Values.OrderBy(key => key.Key, StringComparer.Ordinal))
        {
            key.Next = place;
            place += key.Count;
        }

        CollectionsMarshal.SetCount(records, place);
        var order = CollectionsMarshal.AsSpan(records);
        for (var i = 0; i < metrics.Count; i++)
        {
            if (metrics[i].KeyNumber != number)
            {
                number = metrics[i].KeyNumber;
                latest = keys[metrics[i].KeyNumber];
            }

            order[latest.Next++] = new BatchRecord(BatchPart.Metric, i);
        }
    }

    /// <summary>How many points a key has, and where its next one goes.</summary>
    private sealed class KeyPlace(string key)
    {
        public string Key => key;

        public int Count { get; set; }

        public int Next { get; set; }
    }
}
