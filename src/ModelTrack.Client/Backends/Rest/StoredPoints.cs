using System.Collections.Concurrent;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Which points of a batch the server has already, where an earlier try of it may have been stored. A database keeps equal points once, so
/// there only NaN matters, whose repetition it refuses. A folder behind a server keeps a point as often as it is sent; there the points
/// that are found behind what was stored before are those of that try. How many that were is noted in the journal before a batch is sent,
/// so that another process knows as well. Where it is not known which of the two it is, or how many there were, a point that is found is
/// taken for stored; so may be, in a run that somebody else writes to as well, a point that equals an earlier one in all. Safe for calls from several threads.
/// </summary>
internal sealed class StoredPoints(MetricsApi metrics)
{
    /// <summary>By run: how many points of each key are stored for certain, as far as that is known.</summary>
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, long>> _settled = new();

    /// <summary>
    /// Notes what is stored before the batch; not for a database, nor twice for one batch. Of a run that was there before the points of a key
    /// are counted once for that; as far as one answer has them, since a folder reads a whole file for each.
    /// </summary>
    public async ValueTask NoteAsync(RunBatch batch, StoreType type, CancellationToken cancellationToken)
    {
        if (type == StoreType.Sql || batch.Metrics.Count == 0 || batch.PriorAppends is not null || batch.NoteAppends is not { } note)
        {
            return;
        }

        var lengths = new Dictionary<int, long>();
        foreach (var metric in batch.OneOfEachKey())
        {
            if (CountBefore(batch, metric) is not { } count)
            {
                if (type != StoreType.Files
                    || await CountAllAsync(batch.RunId, metric.Key, cancellationToken).ConfigureAwait(false) is not { } counted)
                {
                    continue;
                }

                Counts(batch.RunId)[metric.Key] = count = counted;
            }

            lengths.Add(metric.KeyNumber, count);
        }

        try
        {
            note(lengths);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk here must not keep records from the server, which make room when they are there. This process knows all the same.
        }
    }

    /// <summary>The records without those that are stored.</summary>
    /// <param name="batch">What they belong to.</param>
    /// <param name="records">Records of it.</param>
    /// <param name="type">What they are stored in.</param>
    /// <param name="before">How many points of each key were stored in this try of the batch, before these records.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<List<BatchRecord>> ExceptStoredAsync(
        RunBatch batch, List<BatchRecord> records, StoreType type, Dictionary<string, long> before, CancellationToken cancellationToken)
    {
        var left = records.FindAll(record => record.Part != BatchPart.Metric || !MayBeThere(batch, record, type));
        var byKey = records.Where(record => record.Part == BatchPart.Metric && MayBeThere(batch, record, type))
            .GroupBy(record => batch.Metrics[record.Index].Key);
        foreach (var key in byKey)
        {
            var skip = type == StoreType.Files ? CountBefore(batch, batch.Metrics[key.First().Index]) + before.GetValueOrDefault(key.Key) : 0;
            var stored = await CountAsync(batch.RunId, key.Key, skip ?? 0, cancellationToken).ConfigureAwait(false);
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

    /// <summary>A batch is settled that stored so many points of each key. When it ends the run nothing more comes.</summary>
    public void Settle(RunBatch batch, Dictionary<string, long> stored)
    {
        if (batch.Status is { Status: not (RunStatus.Running or RunStatus.Scheduled) })
        {
            _settled.TryRemove(batch.RunId, out _);
            return;
        }

        foreach (var key in batch.OneOfEachKey().Where(metric => stored.ContainsKey(metric.Key)))
        {
            if (CountBefore(batch, key) is { } count)
            {
                Counts(batch.RunId)[key.Key] = count + stored[key.Key];
            }
        }
    }

    private static bool MayBeThere(RunBatch batch, BatchRecord record, StoreType type)
        => type != StoreType.Sql || double.IsNaN(batch.Metrics[record.Index].Point.Value);

    /// <summary>How many points of a key were stored before the batch; null when that is not known.</summary>
    private long? CountBefore(RunBatch batch, MetricRecord metric)
        => batch.PriorAppends is { } prior ? (prior.TryGetValue(metric.KeyNumber, out var noted) ? noted : null)
            : _settled.TryGetValue(batch.RunId, out var counts) && counts.TryGetValue(metric.Key, out var count) ? count
            : batch.IsNewRun ? 0 : null;

    private ConcurrentDictionary<string, long> Counts(string runId) => _settled.GetOrAdd(runId, static _ => new());

    /// <summary>How many points of a key there are; null when there are more than one answer has.</summary>
    private async Task<long?> CountAllAsync(string runId, string key, CancellationToken cancellationToken)
    {
        var page = await metrics.GetHistoryPageAsync(runId, key, null, cancellationToken).ConfigureAwait(false);
        return string.IsNullOrEmpty(page.NextPageToken) ? page.Metrics?.Count ?? 0 : null;
    }

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
