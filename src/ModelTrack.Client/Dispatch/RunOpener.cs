using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// Brings a run into a store that gives the ids: creates it, or finds it where an earlier creation got no answer, or sets it running again.
/// One call at a time for a run.
/// </summary>
internal sealed class RunOpener(ITrackingBackend backend, ExperimentResolver experiments, ILogger logger)
{
    /// <summary>Opens it and tells the journal.</summary>
    /// <param name="run">The run.</param>
    /// <param name="tags">Further tags of a run that is created.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The run as stored.</returns>
    /// <exception cref="ModelTrackException">The store refused it, or is away.</exception>
    public async ValueTask<RunSnapshot> OpenAsync(
        JournalRun run, IEnumerable<KeyValuePair<string, string>> tags, CancellationToken cancellationToken)
    {
        var definition = run.Definition;
        var stored = definition.Plan is { } plan
            ? await FindOrCreateAsync(run, plan, tags, cancellationToken).ConfigureAwait(false)
            : await ResumeAsync(definition, cancellationToken).ConfigureAwait(false);
        run.Log.SetOpened(run, definition with { RunId = stored.Id, ExperimentId = stored.ExperimentId, Plan = null, IsToBeResumed = false });
        return stored;
    }

    private async ValueTask<RunSnapshot> FindOrCreateAsync(
        JournalRun run, RunPlan plan, IEnumerable<KeyValuePair<string, string>> tags, CancellationToken cancellationToken)
    {
        var experimentId = await experiments.ResolveAsync(plan, cancellationToken).ConfigureAwait(false);
        if (run.MayBeCreated
            && await FindAsync(experimentId, run.Definition.Key!, cancellationToken).ConfigureAwait(false) is { } found)
        {
            // Its id was never known here, so nothing of ours has come to it yet.
            run.IsNew = true;
            return found;
        }

        var all = new Dictionary<string, string>(plan.Tags);
        if (await FindParentIdAsync(run, plan, experimentId, cancellationToken).ConfigureAwait(false) is { } parentId)
        {
            all[SystemTags.ParentRunId] = parentId;
        }

        foreach (var (key, value) in tags)
        {
            all[key] = value;
        }

        all[SystemTags.Session] = run.Definition.Session;
        all[SystemTags.RunKey] = run.Definition.Key!;
        try
        {
            var created = await backend.CreateRunAsync(
                new RunCreation
                {
                    ExperimentId = experimentId,
                    Name = plan.Name,
                    StartTime = DateTimeOffset.FromUnixTimeMilliseconds(plan.StartTime),
                    UserId = plan.UserId,
                    Tags = all,
                },
                cancellationToken).ConfigureAwait(false);
            run.IsNew = true;
            return created;
        }
        catch (Exception e) when (DeliveryFaults.MayBeStored(e))
        {
            run.MayBeCreated = true;
            throw;
        }
    }

    private async ValueTask<RunSnapshot?> FindAsync(string experimentId, string key, CancellationToken cancellationToken)
    {
        var query = new RunQuery
        {
            ExperimentIds = [experimentId],
            Filter = $"tags.`{SystemTags.RunKey}` = '{key}'",
            View = ViewType.All,
            PageSize = 1,
        };
        var hits = (await backend.SearchRunsAsync(query, null, cancellationToken).ConfigureAwait(false)).Items;
        return hits.Count > 0 ? hits[0] : null;
    }

    private async ValueTask<string?> FindParentIdAsync(JournalRun run, RunPlan plan, string experimentId, CancellationToken cancellationToken)
    {
        if (plan.ParentKey is not { } key)
        {
            return null;
        }

        var id = run.Log.FindRun(key)?.Definition.RunId
            ?? (await FindAsync(experimentId, key, cancellationToken).ConfigureAwait(false))?.Id;
        if (id is null)
        {
            logger.LogWarning("The parent of run {Run} is not in the store; the run has none there", run.Definition.Label);
        }

        return id;
    }

    private async ValueTask<RunSnapshot> ResumeAsync(RunDefinition definition, CancellationToken cancellationToken)
    {
        var runId = definition.RunId!;
        var stored = await backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        if (stored.LifecycleStage == LifecycleStage.Deleted)
        {
            throw new ModelTrackException(ErrorCode.InvalidState, $"Run '{runId}' is deleted; restore it before going on with it.");
        }

        // The session first: who closes what a dead process left open must not find the run running in a session that is over.
        await backend.SetRunTagAsync(runId, SystemTags.Session, definition.Session, cancellationToken).ConfigureAwait(false);
        await backend.UpdateRunAsync(runId, RunStatus.Running, null, null, clearEndTime: true, cancellationToken).ConfigureAwait(false);
        return stored with { Status = RunStatus.Running, EndTime = null };
    }
}
