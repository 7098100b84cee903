using System.Collections.Concurrent;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Which points of a batch the server has already, where an earlier try of it may have been stored. A database keeps equal points once, so
/// there only NaN matters, whose repetition it refuses. A folder behind a server keeps a point as often as it is sent; there the points
/// that are found behind what was stored before are those of that try. Where it is not known which of the two it is, a point that is found
/// is taken for stored.
/// </summary>
internal sealed class StoredPoints(MetricsApi metrics)
{
    /// <summary>By run: how many points of each key are stored for certain. Only of runs whose points all come from here.</summary>
    private readonly ConcurrentDictionary<string, Dictionary<string, long>> _settled = new();

    /// <summary>The records without those that are stored.</summary>
    public async ValueTask<List<BatchRecord>> ExceptStoredAsync(
        RunBatch batch, List<BatchRecord> records, StoreType type, CancellationToken cancellationToken)
    {
        var left = records.FindAll(record => record.Part != BatchPart.Metric || !MayBeThere(batch, record, type));
        var byKey = records.Where(record => record.Part == BatchPart.Metric && MayBeThere(batch, record, type))
            .GroupBy(record => batch.Metrics[record.Index].Key);
        foreach (var key in byKey)
        {
            var stored = await CountAsync(batch.RunId, key.Key, SettledCount(batch, key.Key, type), cancellationToken).ConfigureAwait(false);
            foreach (var record in key)
            {
                var point = Normal(batch.Metrics[record.Index].Point, type);
                if (!stored.TryGetValue(point, out var count))
                {
                    left.Add(record);
                    if (type == StoreType.Sql)
                    {
                        // Two that are equal would be refused within one batch as well.
                        stored[point] = 1;
                    }
                }
                else if (type == StoreType.Files && count > 0)
                {
                    stored[point] = count - 1;
                    if (count == 1)
                    {
                        stored.Remove(point);
                    }
                }
            }
        }

        // As before: params, metrics by key, tags.
        var order = records.Select((record, place) => (record, place)).ToDictionary(entry => entry.record, entry => entry.place);
        left.Sort((a, b) => order[a].CompareTo(order[b]));
        return left;
    }

    /// <summary>The records are in the store now, by this try or an earlier one.</summary>
    public void Settle(RunBatch batch, List<BatchRecord> records, StoreType type)
    {
        if (type != StoreType.Files || !batch.IsNewRun)
        {
            return;
        }

        var counts = _settled.GetOrAdd(batch.RunId, static _ => []);
        foreach (var record in records)
        {
            if (record.Part == BatchPart.Metric)
            {
                var key = batch.Metrics[record.Index].Key;
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }
    }

    /// <summary>The run has ended: nothing more comes.</summary>
    public void Forget(string runId) => _settled.TryRemove(runId, out _);

    private static bool MayBeThere(RunBatch batch, BatchRecord record, StoreType type)
        => type != StoreType.Sql || double.IsNaN(batch.Metrics[record.Index].Point.Value);

    private long SettledCount(RunBatch batch, string key, StoreType type)
        => type == StoreType.Files && batch.IsNewRun && _settled.TryGetValue(batch.RunId, out var counts) ? counts.GetValueOrDefault(key) : 0;

    private async Task<Dictionary<MetricPoint, int>> CountAsync(string runId, string key, long skip, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<MetricPoint, int>();
        await foreach (var metric in metrics.GetHistoryAsync(runId, key, cancellationToken).ConfigureAwait(false))
        {
            if (skip-- > 0)
            {
                continue;
            }

            var point = metric.ToPoint();
            counts[point] = counts.GetValueOrDefault(point) + 1;
        }

        return counts;
    }

    /// <summary>The point as the store gives it back.</summary>
    private static MetricPoint Normal(in MetricPoint point, StoreType type)
        => type == StoreType.Files || !double.IsInfinity(point.Value)
            ? point
            : new MetricPoint(point.Value > 0 ? double.MaxValue : double.MinValue, point.Step, point.TimestampMilliseconds);
}
