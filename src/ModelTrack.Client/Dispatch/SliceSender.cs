using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Telemetry;

namespace ModelTrack.Client.Dispatch;

/// <summary>Sends one batch of a run: opens the run in the store if that has not been done, then stores records or files.</summary>
internal sealed class SliceSender(
    ITrackingBackend backend, RunOpener opener, ModelPublisher models, ArtifactStage stage, TimeProvider clock, ILogger logger)
{
    /// <summary>How often a server that answers is asked again to take files.</summary>
    private const int UploadTries = 5;

    private const string ProbeFile = ".modeltrack-probe";

    /// <summary>Never throws: a failure is an outcome.</summary>
    public async Task<SendOutcome> SendAsync(RunLane lane, RunSlice? slice, CancellationToken cancellationToken)
    {
        long? began = null;
        using var activity = ClientActivities.Start("modeltrack.send", backend.Destination);
        try
        {
            await OpenAsync(lane.Run).ConfigureAwait(false);
            if (slice is null)
            {
                return new SendOutcome(lane, null, [], null);
            }

            if (lane.Run.Refusal is { } refusal)
            {
                return new SendOutcome(lane, slice, [], refusal);
            }

            slice.Batch.RunId = lane.Run.Definition.RunId!;
            slice.Batch.ExperimentId = lane.Run.Definition.ExperimentId;
            slice.Batch.IsNewRun = lane.Run.IsNew;
            slice.Batch.MayBeStored = lane.MayBeStored > 0;
            slice.Batch.Late = lane.Late;
            slice.Batch.LoneFailures = lane.LoneFailures;
            activity?.SetTag("modeltrack.run_id", slice.Batch.RunId).SetTag("modeltrack.records", slice.Count);
            began = clock.GetTimestamp();
            var refusals = slice.Batch.Model is not null ? await PublishAsync(lane, slice.Batch, cancellationToken).ConfigureAwait(false)
                : slice.Batch.Artifacts.Count > 0 ? await UploadAsync(lane, slice.Batch, cancellationToken).ConfigureAwait(false)
                : await backend.LogBatchAsync(slice.Batch, cancellationToken).ConfigureAwait(false);
            ClientMeter.Sent(clock.GetElapsedTime(began.Value), backend.Destination, null);
            if (lane.Run.MayBeTwice && slice.Batch.Status is { Status: not (RunStatus.Running or RunStatus.Scheduled) })
            {
                await RemoveSurplusAsync(lane.Run, cancellationToken).ConfigureAwait(false);
            }

            return new SendOutcome(lane, slice, refusals, null);
        }
#pragma warning disable CA1031 // The loop decides what it means.
        catch (Exception e)
#pragma warning restore CA1031
        {
            activity.Fail(e);
            if (began is { } sent)
            {
                ClientMeter.Sent(clock.GetElapsedTime(sent), backend.Destination, ClientActivities.ErrorTypeOf(e));
            }

            lane.Late?.Restart();
            lane.Run.LateCreation?.Restart();
            if (began is { } timestamp && LateAnswer.Of(e, timestamp, clock) is { } late && !(lane.Late?.Length > late.Length))
            {
                // A look that failed at once says nothing of how long the try may take that it was to look for.
                lane.Late = late;
            }

            return new SendOutcome(lane, slice, [], e);
        }
    }

    private static bool IsAboutTheFile(ModelTrackException e) => e.StatusCode is not null && !IsAboutAccess(e) && !IsBusy(e);

    private static bool IsAboutAccess(ModelTrackException e)
        => e.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired
            or (>= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest);

    /// <summary>It says itself that this passes.</summary>
    private static bool IsBusy(ModelTrackException e) => e.IsTransient && e.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;

    private static bool IsRefusal(ModelTrackException e) => !e.IsTransient && (e.IsServersWord || e.StatusCode == HttpStatusCode.RequestEntityTooLarge);

    private async Task OpenAsync(JournalRun run)
    {
        if (run.Definition.IsOpened || run.Refusal is not null)
        {
            return;
        }

        try
        {
            await opener.OpenAsync(run).ConfigureAwait(false);
            logger.LogInformation(new EventId(8, "RunOpened"), "Run {RunId} is in the store now", run.Definition.RunId);
        }
        catch (ModelTrackException e) when (DeliveryFaults.Of(e) == DeliveryFault.Refused)
        {
            run.SetRefused(e);
            logger.LogError(new EventId(9, "RunRefused"), e, "The store refuses run {Run}; all that is logged to it is rejected", run.Definition.Label);
        }
    }

    /// <summary>A second look, when the run ends, for what its start may have left. The run is not held up for it.</summary>
    private async Task RemoveSurplusAsync(JournalRun run, CancellationToken cancellationToken)
    {
        try
        {
            await opener.RemoveSurplusAsync(run, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            logger.LogWarning(
                e, "Whether run {RunId} was created a second time could not be seen; tag {Tag} tells", run.Definition.RunId, SystemTags.RunKey);
        }
    }

    /// <summary>Sends files side by side. What fails for now fails the batch; a file that was sent is sent again then, which does no harm.</summary>
    private async Task<IReadOnlyList<RecordRefusal>> UploadAsync(RunLane lane, RunBatch batch, CancellationToken cancellationToken)
    {
        var refusals = new ConcurrentBag<RecordRefusal>();

        // Of one path the last counts.
        var last = batch.Artifacts.Select((artifact, index) => (artifact, index))
            .GroupBy(entry => entry.artifact.Path)
            .Select(group => group.Last());
        await Parallel.ForEachAsync(
            last,
            new ParallelOptions { MaxDegreeOfParallelism = backend.ParallelUploads, CancellationToken = cancellationToken },
            async (entry, token) =>
            {
                var (artifact, index) = entry;
                var file = stage.PathOf(artifact.StagedName);
                var reason = await TryStoreAsync(
                    lane,
                    batch.RunId,
                    $"The file {artifact.Path}",
                    [file],
                    () => backend.UploadArtifactAsync(batch.RunId, artifact.Path, file, null, token).AsTask(),
                    token).ConfigureAwait(false);
                if (reason is not null)
                {
                    refusals.Add(new RecordRefusal(BatchPart.Artifact, index, reason));
                }
            }).ConfigureAwait(false);
        return [.. refusals];
    }

    /// <summary>Stores a model with its files, and what is to come of it in the registry.</summary>
    private async Task<IReadOnlyList<RecordRefusal>> PublishAsync(RunLane lane, RunBatch batch, CancellationToken cancellationToken)
    {
        var record = batch.Model!;
        if (stage.ReadModel(record.StagedName) is not { } waiting)
        {
            return [new RecordRefusal(BatchPart.Model, 0, "The file that waited for it and describes it is gone or damaged.")];
        }

        var draft = waiting with { Files = [.. waiting.Files.Select(file => file with { File = stage.PathOf(file.File) })] };
        var reason = await TryStoreAsync(
            lane,
            batch.RunId,
            $"The model {record.Name}",
            [.. draft.Files.Select(file => file.File)],
            () => models.PublishAsync(batch.RunId, draft, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return reason is null ? [] : [new RecordRefusal(BatchPart.Model, 0, reason)];
    }

    /// <summary>Null when it is stored, else why it was refused for good. Throws what may pass.</summary>
    private async Task<string?> TryStoreAsync(
        RunLane lane, string runId, string what, IReadOnlyList<string> files, Func<Task> store, CancellationToken cancellationToken)
    {
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            return $"The file that waited for it, '{missing}', is gone.";
        }

        try
        {
            await store().ConfigureAwait(false);
            return null;
        }
        catch (NotSupportedException e)
        {
            return e.Message;
        }
        catch (ModelTrackException e) when (IsAboutTheFile(e))
        {
            if (IsRefusal(e))
            {
                return e.Message;
            }

            // Throws when the answer came from what stands before a store that is away.
            await backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
            if (lane.AnsweredUploads < UploadTries || !await TakesFilesAsync(runId, cancellationToken).ConfigureAwait(false))
            {
                throw new IOException($"{what} could not be sent: {e.Message}", e);
            }
        }

        try
        {
            // The place for files may have come back just now.
            await store().ConfigureAwait(false);
            return null;
        }
        catch (ModelTrackException e) when (IsAboutTheFile(e))
        {
            // What a store that takes others does not take in some tries (for a proxy's limit, as a rule) it will not take.
            return e.Message;
        }
    }

    /// <summary>
    /// Whether the run can be given a file at all: the place where they go may be away while the server is there. Asked before a file is
    /// taken for the cause.
    /// </summary>
    private async Task<bool> TakesFilesAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new MemoryStream("Written to see whether the store takes files.\n"u8.ToArray());
            await backend.WriteArtifactAsync(runId, ProbeFile, content, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ModelTrackException)
        {
            return false;
        }
    }
}
