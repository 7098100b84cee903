using System.Net;
using ModelTrack.Client.Backends.Rest.Wire;
using ModelTrack.Client.Dispatch;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Stores a batch: params, metrics and tags by one request, then what cannot be said in that one, deletions of tags and the status. What a
/// server refuses is halved until the guilty records are alone: these are refused with the server's reason, and the rest is stored.
/// </summary>
internal sealed class RestBatchSender(RestApi api, ServerFeatures features)
{
    /// <summary>What MLflow documents as the greatest body; others enforce it.</summary>
    private const int MaxBodyBytes = 1_000_000;

    private readonly StoredPoints _stored = new(api.Metrics);

    public async ValueTask<IReadOnlyList<RecordRefusal>> SendAsync(RunBatch batch, CancellationToken cancellationToken)
    {
        var refusals = new List<RecordRefusal>();
        var records = BatchRecords.Of(batch, refusals);
        if (records.Count > 0)
        {
            var type = await features.FindTypeAsync(batch.ExperimentId ?? "", cancellationToken).ConfigureAwait(false);
            var attempt = new Attempt(batch, type, refusals);
            if (batch.MayBeStored)
            {
                var left = await _stored.ExceptStoredAsync(batch, records, type, cancellationToken).ConfigureAwait(false);
                _stored.Settle(batch, records.Except(left).ToList(), type);
                records = left;
            }

            if (!await SendAsync(attempt, records, isPart: false, cancellationToken).ConfigureAwait(false))
            {
                return Refusals.OfDeletedRun(batch);
            }
        }

        await DeleteTagsAsync(batch, refusals, cancellationToken).ConfigureAwait(false);
        await UpdateStatusAsync(batch, refusals, cancellationToken).ConfigureAwait(false);
        return refusals;
    }

    /// <summary>Sends records by as many requests as their size and the server's refusals ask for. False when the run is deleted.</summary>
    private async Task<bool> SendAsync(Attempt attempt, List<BatchRecord> records, bool isPart, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
        {
            return true;
        }

        ModelTrackException refusal;
        using (var body = BatchBody.Write(attempt.Batch, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(records)))
        {
            if (body.Bytes.Length > MaxBodyBytes && records.Count > 1)
            {
                return await SendHalvesAsync(attempt, records, isPart, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                // Parts of what was refused go once each: there may be many of them.
                var mayRepeat = !isPart && attempt.Type == StoreType.Sql && !HasNan(attempt.Batch, records);
                await api.Runs.LogBatchAsync(body.Bytes, mayRepeat, cancellationToken).ConfigureAwait(false);
                _stored.Settle(attempt.Batch, records, attempt.Type);
                return true;
            }
            catch (ModelTrackException e) when (IsAboutTheRecords(e))
            {
                refusal = e;
            }
        }

        switch (await LookAtRunAsync(attempt.Batch.RunId, refusal, cancellationToken).ConfigureAwait(false))
        {
            case RunState.Deleted:
                return false;
            case RunState.NotWritable:
                // Not these records: the store is in trouble.
                throw refusal;
            default:
                break;
        }

        // Some of it may have been stored before the fault was met; and a repeated NaN is refused, though it is there as it should be.
        if (refusal.MayBeApplied || HasNan(attempt.Batch, records))
        {
            var left = await _stored.ExceptStoredAsync(attempt.Batch, records, attempt.Type, cancellationToken).ConfigureAwait(false);
            if (left.Count < records.Count)
            {
                _stored.Settle(attempt.Batch, records.Except(left).ToList(), attempt.Type);
                return await SendAsync(attempt, left, isPart: true, cancellationToken).ConfigureAwait(false);
            }
        }

        if (records.Count == 1)
        {
            attempt.Refusals.Add(new RecordRefusal(records[0].Part, records[0].Index, refusal.Message));
            return true;
        }

        return await SendHalvesAsync(attempt, records, isPart: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> SendHalvesAsync(Attempt attempt, List<BatchRecord> records, bool isPart, CancellationToken cancellationToken)
    {
        var half = records.Count / 2;
        return await SendAsync(attempt, records[..half], isPart, cancellationToken).ConfigureAwait(false)
            && await SendAsync(attempt, records[half..], isPart, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the server says no to what was sent, not to who sent it or to the run: 400, too much at once, or a 500, which a folder behind a
    /// server gives for a changed param, and any server for what it did not foresee.
    /// </summary>
    private static bool IsAboutTheRecords(ModelTrackException e)
        => e.StatusCode == HttpStatusCode.InternalServerError
            || (e.StatusCode is not HttpStatusCode.NotFound && DeliveryFaults.Of(e) == DeliveryFault.Refused);

    /// <summary>
    /// What is the matter with the run that records were refused for. After a 500 a write that changes nothing tells a server that cannot
    /// write at all, because its disk is full, from one that cannot write these records.
    /// </summary>
    private async Task<RunState> LookAtRunAsync(string runId, ModelTrackException refusal, CancellationToken cancellationToken)
    {
        try
        {
            var run = (await api.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false)).ToSnapshot();
            if (run.LifecycleStage == LifecycleStage.Deleted)
            {
                return RunState.Deleted;
            }

            if (refusal.StatusCode == HttpStatusCode.InternalServerError && run.Tags.Count > 0)
            {
                var key = run.Tags.ContainsKey(SystemTags.Session) ? SystemTags.Session : run.Tags.Keys.First();
                await api.Runs.SetTagAsync(runId, key, run.Tags[key], cancellationToken).ConfigureAwait(false);
            }

            return RunState.Writable;
        }
        catch (ModelTrackException e) when (e.StatusCode != HttpStatusCode.NotFound)
        {
            return RunState.NotWritable;
        }
    }

    private static bool HasNan(RunBatch batch, List<BatchRecord> records)
        => records.Exists(record => record.Part == BatchPart.Metric && double.IsNaN(batch.Metrics[record.Index].Point.Value));

    private async Task DeleteTagsAsync(RunBatch batch, List<RecordRefusal> refusals, CancellationToken cancellationToken)
    {
        foreach (var index in BatchRecords.LastTags(batch).Where(i => batch.Tags[i].Value is null).ToList())
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
            catch (ModelTrackException e) when (DeliveryFaults.Of(e) == DeliveryFault.Refused)
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
        catch (ModelTrackException e) when (e.StatusCode is not HttpStatusCode.NotFound && DeliveryFaults.Of(e) == DeliveryFault.Refused)
        {
            refusals.Add(new RecordRefusal(BatchPart.Status, 0, e.Message));
        }

        if (status.Status is not (RunStatus.Running or RunStatus.Scheduled))
        {
            _stored.Forget(batch.RunId);
        }
    }

    private enum RunState
    {
        Writable,
        NotWritable,
        Deleted,
    }

    private sealed record Attempt(RunBatch Batch, StoreType Type, List<RecordRefusal> Refusals);
}
