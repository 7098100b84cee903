using System.Runtime.ExceptionServices;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client;

/// <summary>
/// Brings one run's copy to where the run is. It only ever adds, but for what a run that was still going when it was copied has changed
/// since: its copy is RUNNING until it is closed, and while it is, or when the source has ended later than the copy says, the source is
/// right. What else differs is a conflict. Artifacts and models that cannot be read or written do not keep it from being closed.
/// </summary>
internal sealed class RunSync(
    SyncStore source,
    SyncStore target,
    ExperimentSync experiments,
    LoggedModelSync models,
    SyncOptions options,
    int parallel,
    SemaphoreSlim transfers,
    TimeProvider clock)
{
    private readonly ArtifactSync _artifacts = new(source.Backend, target.Backend, parallel, transfers);

    /// <param name="run">The run.</param>
    /// <param name="experiment">Its experiment.</param>
    /// <param name="parentId">The copy of its parent; null when it has none, or that is not copied.</param>
    /// <param name="tally">What counts.</param>
    /// <param name="cancellationToken">Ends it; the next sync goes on.</param>
    /// <returns>The copy's id; null when there is none.</returns>
    public async Task<string?> CopyAsync(
        RunSnapshot run, ExperimentCopy experiment, string? parentId, SyncTally tally, CancellationToken cancellationToken)
    {
        if (experiment.Obstacle is { } obstacle)
        {
            tally.AddConflict(obstacle);
            return null;
        }

        var (copy, isOrigin) = await FindAsync(run, experiment, cancellationToken).ConfigureAwait(false);
        if (copy is null)
        {
            if (experiment.Target is { LifecycleStage: LifecycleStage.Deleted })
            {
                tally.AddConflict($"The experiment {Excerpt.Of(experiment.Source.Name)} is deleted in the target.");
                return null;
            }

            tally.IsNew = tally.IsChanged = true;
            copy = options.DryRun ? null : await CreateAsync(run, experiment, parentId, cancellationToken).ConfigureAwait(false);
        }
        else if (copy.LifecycleStage == LifecycleStage.Deleted && run.LifecycleStage != LifecycleStage.Deleted)
        {
            tally.AddConflict("The run is deleted in the target.");
            return copy.Id;
        }

        var isDeleted = copy?.LifecycleStage == LifecycleStage.Deleted;
        var work = new Work(run, copy, tally, !isOrigin && IsAhead(run, copy), isOrigin, options.DryRun || isDeleted, cancellationToken);
        await CopyContentAsync(work, experiment, parentId).ConfigureAwait(false);
        if (isDeleted)
        {
            if (tally.IsAnythingCopied)
            {
                tally.Reset();
                tally.AddConflict("The run is deleted in the target, and lacks something that the source has; restore it.");
            }

            return copy!.Id;
        }

        if (run.LifecycleStage == LifecycleStage.Deleted && !isOrigin)
        {
            tally.IsChanged = true;
            if (!work.IsDry)
            {
                await SyncWriter.TryAsync(
                    () => target.Backend.DeleteRunAsync(copy!.Id, cancellationToken), clock, cancellationToken).ConfigureAwait(false);
            }
        }

        return copy?.Id;
    }

    /// <param name="Run">The run.</param>
    /// <param name="Copy">Its copy as it was before; null in a dry run.</param>
    /// <param name="Tally">What counts.</param>
    /// <param name="IsAhead">What differs has changed in the source since it was copied.</param>
    /// <param name="IsOrigin">The "copy" is what the run is a copy of.</param>
    /// <param name="IsDry">Nothing is written.</param>
    /// <param name="Cancellation">Ends it.</param>
    private sealed record Work(
        RunSnapshot Run, RunSnapshot? Copy, SyncTally Tally, bool IsAhead, bool IsOrigin, bool IsDry, CancellationToken Cancellation);

    private static bool IsOpen(RunSnapshot run) => run.Status is RunStatus.Running or RunStatus.Scheduled;

    private static bool IsAhead(RunSnapshot run, RunSnapshot? copy)
        => copy is null || IsOpen(copy) || IsOpen(run) || run.EndTime > copy.EndTime;

    /// <summary>The run's copy; or what the run is a copy of, when it comes back to where it came from.</summary>
    private async Task<(RunSnapshot? Copy, bool IsOrigin)> FindAsync(
        RunSnapshot run, ExperimentCopy experiment, CancellationToken cancellationToken)
    {
        if (experiment.Copies.TryGetValue(run.Id, out var copyId))
        {
            if (!options.DryRun)
            {
                await target.Backend.RemoveTornPointsAsync(copyId, cancellationToken).ConfigureAwait(false);
            }

            return (await target.Backend.GetRunAsync(copyId, cancellationToken).ConfigureAwait(false), false);
        }

        if (run.Tags.GetValueOrDefault(SyncTags.Source) is { Length: > 0 } originId)
        {
            try
            {
                var origin = await target.Backend.GetRunAsync(originId, cancellationToken).ConfigureAwait(false);
                return origin.StartTime == run.StartTime ? (origin, true) : default;
            }
            catch (ModelTrackException e) when (!e.IsTransient
                && e.ErrorCode is ErrorCode.ResourceDoesNotExist or ErrorCode.InvalidParameterValue)
            {
                // It came from a third store.
            }
        }

        return default;
    }

    private async Task<RunSnapshot> CreateAsync(
        RunSnapshot run, ExperimentCopy experiment, string? parentId, CancellationToken cancellationToken)
    {
        var tags = new Dictionary<string, string>
        {
            [SyncTags.Source] = run.Id,
            [SyncTags.Store] = source.Backend.Destination,
        };
        if (parentId is not null)
        {
            tags[SystemTags.ParentRunId] = parentId;
        }

        var creation = new RunCreation
        {
            ExperimentId = experiment.Target!.Id,
            Name = run.Name.OrNull(),
            StartTime = run.StartTime,
            UserId = run.UserId.OrNull() ?? "unknown",
            Tags = tags,
        };
        var copy = await UncertainCall.RunAsync(
            async _ => await target.Backend.CreateRunAsync(creation, cancellationToken).ConfigureAwait(false),
            async () =>
            {
                var copies = await experiments.FindCopiesAsync(experiment.Target, run.Id, cancellationToken).ConfigureAwait(false);
                return copies.TryGetValue(run.Id, out var made)
                    ? await target.Backend.GetRunAsync(made, cancellationToken).ConfigureAwait(false)
                    : null;
            },
            clock,
            cancellationToken).ConfigureAwait(false);
        experiment.Copies[run.Id] = copy.Id;
        return copy;
    }

    private async Task CopyContentAsync(Work work, ExperimentCopy experiment, string? parentId)
    {
        var writer = new SyncWriter(
            target.Backend, work.IsDry ? null : work.Copy, work.Tally.IsNew, work.Tally, clock, work.Cancellation);
        await CopyParamsAsync(work, writer).ConfigureAwait(false);
        await CopyTagsAsync(work, writer, parentId).ConfigureAwait(false);
        await CopyMetricsAsync(work, writer, experiment).ConfigureAwait(false);
        await CopyInputsAsync(work, writer).ConfigureAwait(false);
        await writer.FlushAsync().ConfigureAwait(false);
        var away = options.IncludeArtifacts ? await CopyArtifactsAsync(work).ConfigureAwait(false) : null;
        await CopyStateAsync(work).ConfigureAwait(false);
        away?.Throw();
    }

    private static async Task CopyParamsAsync(Work work, SyncWriter writer)
    {
        foreach (var (key, value) in work.Run.Params)
        {
            if (work.Copy?.Params.TryGetValue(key, out var there) != true)
            {
                await writer.AddAsync(new ParamRecord(key, value)).ConfigureAwait(false);
            }
            else if (there != value)
            {
                work.Tally.AddDifference($"param {Excerpt.Of(key)}", there!, value);
            }
        }

        AddSurplus(work, "param", work.Copy?.Params.Keys.Except(work.Run.Params.Keys));
    }

    private static void AddSurplus(Work work, string what, IEnumerable<string>? keys)
    {
        foreach (var key in keys ?? [])
        {
            work.Tally.AddConflict($"The {what} {Excerpt.Of(key)} is in the target only.");
        }
    }

    /// <summary>Tags that the target has alone are no conflict: people put them on.</summary>
    private static async Task CopyTagsAsync(Work work, SyncWriter writer, string? parentId)
    {
        foreach (var (key, value) in work.Run.Tags)
        {
            var wanted = key == SystemTags.ParentRunId ? parentId : value;
            if (wanted is null || key == SystemTags.RunName || SyncTags.IsOfStore(key) || (work.IsOrigin && key == SystemTags.ModelHistory))
            {
                continue;
            }

            var there = work.Copy?.Tags.GetValueOrDefault(key);
            if (there is null || (there != wanted && (work.IsAhead || (SyncTags.IsOfPrograms(key) && !work.IsOrigin))))
            {
                await writer.AddAsync(new TagRecord(key, wanted)).ConfigureAwait(false);
            }
            else if (there != wanted)
            {
                work.Tally.AddDifference($"tag {Excerpt.Of(key)}", there, wanted);
            }
        }
    }

    private async Task CopyMetricsAsync(Work work, SyncWriter writer, ExperimentCopy experiment)
    {
        if (work.Run.Metrics.Count == 0)
        {
            AddSurplus(work, "metric", work.Copy?.Metrics.Keys);
            return;
        }

        var isMerging = await source.MergesPointsAsync(work.Run.ExperimentId, work.Cancellation).ConfigureAwait(false)
            || await target.MergesPointsAsync(experiment.Target?.Id ?? "", work.Cancellation).ConfigureAwait(false);
        foreach (var key in work.Run.Metrics.Keys.Order(StringComparer.Ordinal))
        {
            var history = new HistoryCopy(
                () => source.Backend.GetMetricHistoryAsync(work.Run.Id, key, work.Cancellation),
                work.Copy is { } copy && copy.Metrics.ContainsKey(key)
                    ? () => target.Backend.GetMetricHistoryAsync(copy.Id, key, work.Cancellation)
                    : null,
                isMerging,
                point => writer.AddAsync(key, point));
            if (await history.RunAsync(HistoryCopy.MostHeld / options.MaxParallelRuns).ConfigureAwait(false) is > 0 and var surplus)
            {
                work.Tally.AddConflict($"The metric {Excerpt.Of(key)} has {surplus} points in the target that the source does not have.");
            }
        }

        AddSurplus(work, "metric", work.Copy?.Metrics.Keys.Except(work.Run.Metrics.Keys));
    }

    private static async Task CopyInputsAsync(Work work, SyncWriter writer)
    {
        var there = (work.Copy?.DatasetInputs ?? []).Select(input => (input.Name, input.Digest)).ToHashSet();
        foreach (var input in work.Run.DatasetInputs)
        {
            if (there.Add((input.Name, input.Digest)))
            {
                await writer.AddAsync(input).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What cannot be copied is in the report, and does not keep the run from its end: the next sync tries again.</summary>
    /// <returns>Why the rest was not tried; null when all was.</returns>
    private async Task<ExceptionDispatchInfo?> CopyArtifactsAsync(Work work)
    {
        var wasStale = work.Copy?.Tags.ContainsKey(SyncTags.Stale) == true;
        var isStale = (work.IsAhead && !work.Tally.IsNew) || wasStale;
        ExceptionDispatchInfo? away = null;
        try
        {
            // A model that is a thing of its own there may have come back as artifacts from a store that has none.
            var names = work is { IsOrigin: true, Copy: { } origin }
                ? await models.ListNamesAsync(origin, work.Cancellation).ConfigureAwait(false)
                : [];
            isStale = await _artifacts.CopyAsync(
                work.Run,
                work.Copy,
                work.IsDry,
                isStale,
                path => names.Any(name => path.StartsWith(name + "/", StringComparison.Ordinal)),
                work.Tally,
                work.Cancellation).ConfigureAwait(false);
            await models.CopyAsync(work.Run, work.Copy, work.IsDry, work.Tally, work.Cancellation).ConfigureAwait(false);
        }
        catch (NotSupportedException e)
        {
            // They are where nothing here can read or write: the rest of the run is worth having all the same.
            work.Tally.AddConflict($"The artifacts cannot be copied: {e.Message}");
            return null;
        }
        catch (Exception e) when (SyncFaults.IsOfOneThing(e))
        {
            work.Tally.Fail($"The artifacts could not be copied: {Sentence.Of(e.Message)}");
        }
        catch (ModelTrackException e)
        {
            away = ExceptionDispatchInfo.Capture(e);
        }

        if (isStale != wasStale && !work.IsDry)
        {
            await NoteStaleAsync(work, isStale).ConfigureAwait(false);
        }

        return away;
    }

    private async Task NoteStaleAsync(Work work, bool isStale) => await SyncWriter.TryAsync(
        () => isStale
            ? target.Backend.SetRunTagAsync(work.Copy!.Id, SyncTags.Stale, "true", work.Cancellation)
            : target.Backend.DeleteRunTagAsync(work.Copy!.Id, SyncTags.Stale, work.Cancellation),
        clock,
        work.Cancellation).ConfigureAwait(false);

    private async Task CopyStateAsync(Work work)
    {
        var (run, copy) = (work.Run, work.Copy);
        var name = run.Name.OrNull() is { } wanted && copy is not null && copy.Name != wanted ? wanted : null;
        var isOther = copy is null ? !IsOpen(run) : copy.Status != run.Status || copy.EndTime != run.EndTime;
        if (name is null && !isOther)
        {
            return;
        }

        if (!work.IsAhead)
        {
            if (name is not null)
            {
                work.Tally.AddConflict($"The run's name is {Excerpt.Of(copy!.Name)} in the target and {Excerpt.Of(name)} in the source.");
            }

            if (isOther)
            {
                work.Tally.AddConflict(
                    $"The run is {copy!.Status}{Until(copy)} in the target and {run.Status}{Until(run)} in the source.");
            }

            return;
        }

        work.Tally.IsChanged = true;
        if (!work.IsDry)
        {
            await SyncWriter.TryAsync(
                () => target.Backend.UpdateRunAsync(
                    copy!.Id, isOther ? run.Status : null, run.EndTime, name, isOther && run.EndTime is null, work.Cancellation),
                clock,
                work.Cancellation).ConfigureAwait(false);
        }
    }

    private static string Until(RunSnapshot run) => run.EndTime is { } end ? $" since {end:O}" : "";
}
