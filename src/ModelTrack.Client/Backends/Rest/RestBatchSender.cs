using System.Buffers;
using System.Net;
using System.Text.Json;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Stores a batch: params, metrics and tags by one request, then what cannot be said in that one, deletions of tags and the status. What a
/// server refuses is halved until the guilty records are alone.
/// </summary>
internal sealed class RestBatchSender(RestApi api)
{
    public async ValueTask<IReadOnlyList<RecordRefusal>> SendAsync(RunBatch batch, CancellationToken cancellationToken)
    {
        var refusals = new List<RecordRefusal>();
        var records = RecordsOf(batch, refusals);
        if (!await TrySendAsync(batch, records, refusals, cancellationToken).ConfigureAwait(false))
        {
            return Refusals.OfDeletedRun(batch);
        }

        await DeleteTagsAsync(batch, refusals, cancellationToken).ConfigureAwait(false);
        await UpdateStatusAsync(batch, refusals, cancellationToken).ConfigureAwait(false);
        return refusals;
    }

    /// <summary>What is sent: of each param its first value, of each tag its last one.</summary>
    private static List<(BatchPart Part, int Index)> RecordsOf(RunBatch batch, List<RecordRefusal> refusals)
    {
        var records = new List<(BatchPart, int)>();
        var values = new Dictionary<string, string>();
        for (var i = 0; i < batch.Params.Count; i++)
        {
            var (key, value) = batch.Params[i];
            if (values.TryAdd(key, value))
            {
                records.Add((BatchPart.Param, i));
            }
            else if (values[key] != value)
            {
                refusals.Add(new RecordRefusal(BatchPart.Param, i, Refusals.ParamConflict(key, values[key], value)));
            }
        }

        records.AddRange(Enumerable.Range(0, batch.Metrics.Count).Select(i => (BatchPart.Metric, i)));
        records.AddRange(LastTags(batch).Where(i => batch.Tags[i].Value is not null).Select(i => (BatchPart.Tag, i)));
        return records;
    }

    private static IEnumerable<int> LastTags(RunBatch batch)
        => batch.Tags.Select((tag, index) => (tag.Key, Index: index)).GroupBy(tag => tag.Key).Select(tags => tags.Last().Index);

    /// <summary>False when the run is deleted.</summary>
    private async Task<bool> TrySendAsync(
        RunBatch batch, List<(BatchPart Part, int Index)> records, List<RecordRefusal> refusals, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
        {
            return true;
        }

        try
        {
            await api.Runs.LogBatchAsync(Body(batch, records), mayRepeat: true, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ModelTrackException e) when (e.StatusCode == HttpStatusCode.BadRequest)
        {
            if (await IsDeletedAsync(batch.RunId, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            if (records.Count == 1)
            {
                refusals.Add(new RecordRefusal(records[0].Part, records[0].Index, e.Message));
                return true;
            }
        }

        var half = records.Count / 2;
        return await TrySendAsync(batch, records[..half], refusals, cancellationToken).ConfigureAwait(false)
            && await TrySendAsync(batch, records[half..], refusals, cancellationToken).ConfigureAwait(false);
    }

    private async Task DeleteTagsAsync(RunBatch batch, List<RecordRefusal> refusals, CancellationToken cancellationToken)
    {
        foreach (var index in LastTags(batch).Where(i => batch.Tags[i].Value is null).ToList())
        {
            try
            {
                await api.Runs.DeleteTagAsync(batch.RunId, batch.Tags[index].Key, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelTrackException e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: ErrorCode.ResourceDoesNotExist })
            {
                // Either there is no such tag, which is no fault, or no such run.
                await api.Runs.GetAsync(batch.RunId, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelTrackException e) when (e.StatusCode == HttpStatusCode.BadRequest)
            {
                refusals.Add(new RecordRefusal(BatchPart.Tag, index, e.Message));
            }
        }
    }

    private async Task UpdateStatusAsync(RunBatch batch, List<RecordRefusal> refusals, CancellationToken cancellationToken)
    {
        if (batch.Status is not { } status)
        {
            return;
        }

        try
        {
            var request = new UpdateRunRequest(batch.RunId, status.Status.WireName(), status.EndTime?.ToUnixTimeMilliseconds());
            await api.Runs.UpdateAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.StatusCode == HttpStatusCode.BadRequest)
        {
            refusals.Add(new RecordRefusal(BatchPart.Status, 0, e.Message));
        }
    }

    private async Task<bool> IsDeletedAsync(string runId, CancellationToken cancellationToken)
        => (await api.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false)).ToSnapshot().LifecycleStage == LifecycleStage.Deleted;

    private static ReadOnlyMemory<byte> Body(RunBatch batch, List<(BatchPart Part, int Index)> records)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("run_id"u8, batch.RunId);
            foreach (var part in records.GroupBy(record => record.Part, record => record.Index))
            {
                writer.WriteStartArray(part.Key switch { BatchPart.Metric => "metrics", BatchPart.Param => "params", _ => "tags" });
                foreach (var index in part)
                {
                    writer.WriteStartObject();
                    Write(writer, batch, part.Key, index);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, RunBatch batch, BatchPart part, int index)
    {
        if (part != BatchPart.Metric)
        {
            var (key, value) = part == BatchPart.Param
                ? (batch.Params[index].Key, batch.Params[index].Value)
                : (batch.Tags[index].Key, batch.Tags[index].Value);
            writer.WriteString("key"u8, key);
            writer.WriteString("value"u8, value);
            return;
        }

        var metric = batch.Metrics[index];
        writer.WriteString("key"u8, metric.Key);
        switch (metric.Point.Value)
        {
            case double.NaN:
                writer.WriteString("value"u8, "NaN"u8);
                break;
            case double.PositiveInfinity:
                writer.WriteString("value"u8, "Infinity"u8);
                break;
            case double.NegativeInfinity:
                writer.WriteString("value"u8, "-Infinity"u8);
                break;
            case var value:
                writer.WriteNumber("value"u8, value);
                break;
        }

        writer.WriteNumber("timestamp"u8, metric.Point.TimestampMilliseconds);
        writer.WriteNumber("step"u8, metric.Point.Step);
    }
}
