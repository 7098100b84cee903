using System.Net;
using ModelTrack.Client.Backends.Rest.Wire;
using ModelTrack.Client.Dispatch;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Stores a batch: params, metrics and tags by one request, then what cannot be said in that one, deletions of tags, data sets and the status. What a
/// server refuses is halved until the guilty records are alone: these are refused with the server's reason, and the rest is stored.
/// </summary>
internal sealed class RestBatchSender(RestApi api, ServerFeatures features, TimeProvider clock)
{
    /// <summary>What MLflow documents as the greatest body; others enforce it.</summary>
    private const int MaxBodyBytes = 1_000_000;

    private readonly StoredPoints _stored = new(api.Metrics);
    private readonly RestInputSender _inputs = new(api.Runs, features);

    public async ValueTask<IReadOnlyList<RecordRefusal>> SendAsync(RunBatch batch, CancellationToken cancellationToken)
    {
        var refusals = new List<RecordRefusal>();
        var records = BatchRecords.Of(batch, refusals);
        var type = records.Count > 0
            ? await features.FindTypeAsync(batch.ExperimentId ?? "", cancellationToken).ConfigureAwait(false)
            : StoreType.Unknown;
        var attempt = new Attempt(batch, type, refusals, []);
        if (batch.MayBeStored && (type != StoreType.Files || batch.PriorAppends is not null))
        {
            records = await ExceptLateAsync(attempt, records, cancellationToken).ConfigureAwait(false);
        }

        await LookAsync(_stored.NoteAsync(batch, type, cancellationToken).AsTask()).ConfigureAwait(false);
        var isWritable = await SendAsync(attempt, records, isPart: false, cancellationToken).ConfigureAwait(false);
        if (isWritable)
        {
            await DeleteTagsAsync(batch, refusals, cancellationToken).ConfigureAwait(false);
            await _inputs.SendAsync(batch, refusals, cancellationToken).ConfigureAwait(false);
            await UpdateStatusAsync(batch, refusals, cancellationToken).ConfigureAwait(false);
        }

        // Not before: while the batch is not through its points are those that an earlier try may have stored.
        _stored.Settle(batch, attempt.Stored);
        return isWritable ? refusals : Refusals.OfDeletedRun(batch);
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
                attempt.SetStored(records);
                return true;
            }
            catch (ModelTrackException e) when (IsAboutTheRecords(e))
            {
                refusal = e;
            }
        }

        if (!await IsRunWritableAsync(attempt, refusal, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        // Some of it may have been stored before the fault was met; and a repeated NaN is refused, though it is there as it should be.
        if (refusal.MayBeApplied || HasNan(attempt.Batch, records))
        {
            attempt.Batch.MayBeStored = true;
            var left = await ExceptStoredAsync(attempt, records, cancellationToken).ConfigureAwait(false);
            if (left.Count < records.Count)
            {
                return await SendAsync(attempt, left, isPart: true, cancellationToken).ConfigureAwait(false);
            }
        }

        if (records.Count == 1)
        {
            LoneRecord.Refuse(attempt.Batch, attempt.Refusals, records[0].Part, records[0].Index, refusal);
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
    /// False when the run that records were refused for is deleted. Throws when it is not the records: the run cannot be read, or, after a
    /// 500, nothing can be written to it, because the disk is full perhaps. That is tried with a tag of its own: to set one anew that is
    /// there already is no write for a database, and may find room on a full disk.
    /// </summary>
    private async Task<bool> IsRunWritableAsync(Attempt attempt, ModelTrackException refusal, CancellationToken cancellationToken)
    {
        var runId = attempt.Batch.RunId;
        var run = await LookAsync(api.Runs.GetAsync(runId, cancellationToken)).ConfigureAwait(false);
        if (run.ToSnapshot().LifecycleStage == LifecycleStage.Deleted)
        {
            return false;
        }

        if (LoneRecord.IsAccident(refusal))
        {
            try
            {
                await api.Runs.SetTagAsync(runId, SystemTags.Probe, "1", cancellationToken).ConfigureAwait(false);
                await api.Runs.DeleteTagAsync(runId, SystemTags.Probe, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelTrackException e) when (e.StatusCode != HttpStatusCode.NotFound)
            {
                attempt.Batch.LoneFailures = 0;
                throw refusal;
            }
        }

        return true;
    }

    /// <summary>
    /// As <see cref="ExceptStoredAsync"/>, of a try that may still be under way: a server that keeps a point as often as it comes would store
    /// it after the look, and again when it is repeated. So the look is taken again until there is nothing more to wait for.
    /// </summary>
    private async Task<List<BatchRecord>> ExceptLateAsync(Attempt attempt, List<BatchRecord> records, CancellationToken cancellationToken)
    {
        var left = await LateAnswer.SettleAsync(
            await FindLeftAsync(attempt, records, cancellationToken).ConfigureAwait(false),
            () => FindLeftAsync(attempt, records, cancellationToken),
            found => found.Count == 0,
            (before, after) => before.Count == after.Count,
            attempt.Type == StoreType.Sql ? null : attempt.Batch.Late,
            clock,
            cancellationToken).ConfigureAwait(false);
        return Without(attempt, records, left);
    }

    /// <summary>Without the records that are in the store already, as far as that matters there.</summary>
    private async Task<List<BatchRecord>> ExceptStoredAsync(Attempt attempt, List<BatchRecord> records, CancellationToken cancellationToken)
        => Without(attempt, records, await FindLeftAsync(attempt, records, cancellationToken).ConfigureAwait(false));

    private Task<List<BatchRecord>> FindLeftAsync(Attempt attempt, List<BatchRecord> records, CancellationToken cancellationToken)
        => LookAsync(_stored.ExceptStoredAsync(attempt.Batch, records, attempt.Type, attempt.Stored, cancellationToken).AsTask());

    private static List<BatchRecord> Without(Attempt attempt, List<BatchRecord> records, List<BatchRecord> left)
    {
        if (left.Count < records.Count)
        {
            attempt.SetStored(records.Except(left));
        }

        return left;
    }

    /// <summary>A look that fails says nothing about records, whatever the server answers to it; unless the run is gone.</summary>
    private static async Task<T> LookAsync<T>(Task<T> look)
    {
        await LookAsync((Task)look).ConfigureAwait(false);
        return await look.ConfigureAwait(false);
    }

    /// <summary>As the other, for a look that tells nothing.</summary>
    private static async Task LookAsync(Task look)
    {
        try
        {
            await look.ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.StatusCode != HttpStatusCode.NotFound && DeliveryFaults.Of(e) == DeliveryFault.Refused)
        {
            throw new ModelTrackException(e.ErrorCode, e.Message, e) { StatusCode = e.StatusCode, IsTransient = true, MayBeApplied = true };
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
                LoneRecord.Refuse(batch, refusals, BatchPart.Tag, index, e);
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
            LoneRecord.Refuse(batch, refusals, BatchPart.Status, 0, e);
        }
    }

    /// <param name="Batch">What is to be stored.</param>
    /// <param name="Type">What it is stored in.</param>
    /// <param name="Refusals">What the server refused of it.</param>
    /// <param name="Stored">How many points of each key are stored by now, by this try or an earlier one of the same batch.</param>
    private sealed record Attempt(RunBatch Batch, StoreType Type, List<RecordRefusal> Refusals, Dictionary<string, long> Stored)
    {
        /// <summary>Should the rest fail, these are looked for when the batch is tried again.</summary>
        public void SetStored(IEnumerable<BatchRecord> records)
        {
            Batch.MayBeStored = true;
            if (Type == StoreType.Sql)
            {
                return;
            }

            // Points lie by key: one look-up for all of a key.
            string? key = null;
            var count = 0;
            foreach (var record in records)
            {
                var next = record.Part == BatchPart.Metric ? Batch.Metrics[record.Index].Key : null;
                if (!ReferenceEquals(next, key))
                {
                    Count(key, count);
                    (key, count) = (next, 0);
                }

                count++;
            }

            Count(key, count);

            void Count(string? of, int points)
            {
                if (of is not null)
                {
                    Stored[of] = Stored.GetValueOrDefault(of) + points;
                }
            }
        }
    }
}
