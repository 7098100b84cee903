using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Telemetry;

namespace ModelTrack.Client.Dispatch;

/// <content>What comes back: batches are settled, or set aside to be tried again.</content>
internal sealed partial class JournalDrain
{
    private bool TakeOutcomes()
    {
        var worked = false;
        while (_outcomes.TryDequeue(out var outcome))
        {
            worked = true;
            Take(outcome);
            outcome.Lane.IsSending = false;
            _slots.Give();
        }

        return worked;
    }

    private void Take(SendOutcome outcome)
    {
        var (lane, slice, refusals, failure) = outcome;
        var fault = failure is null ? (DeliveryFault?)null : DeliveryFaults.Of(failure);
        if (fault == DeliveryFault.Unforeseen && lane.UnforeseenFailures >= UnforeseenTries && slice is not null)
        {
            _logger.LogError(failure, "Run {Run}: {Count} records cannot be stored and are rejected", lane.Run.Definition.Label, slice.Count);
            Settle(lane, slice, Rejections.OfAll(slice, $"{failure!.GetType().Name}: {failure.Message}"), failure);
        }
        else if (failure is null || fault == DeliveryFault.Refused)
        {
            if (_slots.IsAway)
            {
                _logger.LogInformation(new EventId(10, "StoreIsBack"), "The store at {Destination} answers again", _backend.Destination);
            }

            _slots.StoreAnswered();
            lane.IsToBeOpened = false;
            lane.Wait = null;
            if (slice is not null)
            {
                Settle(lane, slice, failure is null ? Rejections.Of(slice, refusals) : Rejections.OfAll(slice, failure.Message), failure);
            }
        }
        else
        {
            SetAside(lane, slice, failure, fault!.Value);
        }
    }

    private void Settle(RunLane lane, RunSlice slice, IReadOnlyList<Rejection> rejections, Exception? failure)
    {
        lane.Wait = null;
        lane.BackOff = new BackOff(Random.Shared);
        lane.UnforeseenFailures = 0;
        lane.AnsweredUploads = 0;
        lane.LoneFailures = 0;
        lane.MayBeStored = Math.Max(0, lane.MayBeStored - slice.Count);
        lane.Late = lane.MayBeStored > 0 ? lane.Late : null;
        if (rejections.Count > 0)
        {
            Count(rejections, failure);
        }

        Log.Settle(slice.Segment, lane.Run, slice.To, slice.Count + slice.Unreadable - rejections.Count, rejections);
        _notes.Free(lane.Run);
        foreach (var artifact in slice.Batch.Artifacts)
        {
            _rejections.KeepOrRemove(artifact, _stage, rejections);
        }

        if (slice.Batch.Model is { } model)
        {
            SettleModel(model, rejections);
        }

        lane.Take();
        _recordsAhead -= slice.Count;
        _reader.Return(slice);
    }

    private void Count(IReadOnlyList<Rejection> rejections, Exception? failure)
    {
        _rejections.Add(rejections);
        foreach (var kind in rejections.GroupBy(rejection => rejection.Kind))
        {
            ClientMeter.Rejected(kind.Key, kind.Count(), failure is null ? "refused" : ClientActivities.ErrorTypeOf(failure), _backend.Destination);
        }
    }

    private void SettleModel(ModelRecord model, IReadOnlyList<Rejection> rejections)
    {
        if (_stage.ReadModel(model.StagedName) is { } draft)
        {
            // A refused one is kept like refused files: its description, which is a manifest and more, and each of its own.
            foreach (var file in draft.Files)
            {
                var its = rejections.Select(rejection => rejection with { Kind = "artifact", Value = file.File }).ToList();
                _rejections.KeepOrRemove(new ArtifactRecord($"{model.Name}/{file.Path}", file.File), _stage, its);
            }

            if (rejections.Count > 0)
            {
                _models.Refuse(draft.Key, rejections[0].Reason);
            }
        }

        _rejections.KeepOrRemove(
            new ArtifactRecord($"{model.Name}.json", model.StagedName), _stage, [.. rejections.Select(rejection => rejection with { Kind = "artifact" })]);
    }

    private void SetAside(RunLane lane, RunSlice? slice, Exception failure, DeliveryFault fault)
    {
        var level = failure is OperationCanceledException ? LogLevel.Debug : LogLevel.Warning;
        var what = WhatFailed(lane, slice); // Before the slice is emptied.
        if (slice is not null)
        {
            lane.LoneFailures = slice.Batch.LoneFailures;
            if (DeliveryFaults.MayBeStored(failure) || slice.Batch.MayBeStored)
            {
                lane.MayBeStored = Math.Max(lane.MayBeStored, slice.Count);
            }

            // All that waits is read again: the same batch perhaps with more in it, and batches that follow from it.
            lane.RereadFrom = new JournalPosition(slice.Segment.Number, slice.From);
            while (lane.Waiting.Count > 0)
            {
                var dropped = lane.Take();
                _recordsAhead -= dropped.Count;
                _reader.Return(dropped);
            }
        }

        lane.AnsweredUploads += failure is IOException { InnerException: ModelTrackException } ? 1 : 0;
        lane.UnforeseenFailures += fault == DeliveryFault.Unforeseen ? 1 : 0;
        var asked = DeliveryFaults.AskedWait(failure);
        if (fault == DeliveryFault.StoreAway)
        {
            var wasAway = _slots.IsAway;
            var storeWait = _slots.StoreIsAway(asked);
            lane.Wait = null;
            _logger.Log(
                wasAway ? LogLevel.Debug : level,
                new EventId(7, "StoreAway"),
                "The store at {Destination} takes nothing at present. What is logged is safe in the journal; it is tried again in {Wait}. {Reason}",
                _backend.Destination, storeWait, ReasonOf(failure));
            return;
        }

        var wait = lane.BackOff.Next();
        lane.Wait = asked > wait ? asked : wait;
        lane.FailedAt = _clock.GetTimestamp();
        _logger.Log(
            lane.BackOff.Failures == 1 ? level : LogLevel.Debug,
            new EventId(2, "DeliveryFailed"),
            fault == DeliveryFault.Unforeseen ? failure : null,
            "Run {RunId}: {What}; what is logged is safe in the journal, and it is tried again in {Wait}. {Reason}",
            lane.Run.Definition.Label, what, lane.Wait, ReasonOf(failure));
    }

    private static string WhatFailed(RunLane lane, RunSlice? slice) => slice switch
    {
        _ when !lane.Run.Definition.IsOpened => "the run could not be opened",
        { Batch.Artifacts.Count: > 0 and var files } => files == 1 ? "1 file could not be sent" : $"{files} files could not be sent",
        _ => slice?.Count == 1 ? "1 record could not be stored" : $"{slice?.Count ?? 0} records could not be stored",
    };

    /// <summary>A cancellation's own words say nothing.</summary>
    private static string ReasonOf(Exception failure)
        => failure is OperationCanceledException ? "The send was broken off, because the tracker is being closed." : Sentence.Of(failure.Message);
}
