using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// Brings a run into a store that gives the ids: creates it, or finds it where an earlier creation got no answer, or sets it running again.
/// A creation that is under way is never cancelled because somebody has waited long enough: the server would carry it out all the same, and
/// the run would be there twice. Who waits stops waiting, and the next who asks waits for the same one.
/// </summary>
internal sealed class RunOpener(
    ITrackingBackend backend, ExperimentResolver experiments, TimeProvider clock, ILogger logger, CancellationToken stop)
{
    /// <summary>So many runs of one key are looked at; there is one as a rule.</summary>
    private const int MostOfOneKey = 10;

    /// <summary>Opens it and tells the journal. Safe for calls from several threads.</summary>
    /// <param name="run">The run.</param>
    /// <param name="tags">Further tags of a run that is created.</param>
    /// <param name="cancellationToken">Ends the wait, not the opening.</param>
    /// <returns>The run as stored.</returns>
    /// <exception cref="ModelTrackException">The store refused it, or is away.</exception>
    public Task<RunSnapshot> OpenAsync(
        JournalRun run, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        lock (run)
        {
            if (run.Opening is not { IsCompleted: false })
            {
                run.Opening = Task.Run(() => OpenNowAsync(run, tags ?? new Dictionary<string, string>()), CancellationToken.None);

                // Where nobody waits any more its failure is no unobserved one.
                _ = run.Opening.ContinueWith(static task => task.Exception, TaskScheduler.Default);
            }

            return run.Opening.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Removes what a creation that was carried out late has left: an empty run of the same key.</summary>
    public async Task RemoveSurplusAsync(JournalRun run, CancellationToken cancellationToken)
    {
        var definition = run.Definition;
        var all = await FindAllAsync(definition.ExperimentId!, definition.Key!, cancellationToken).ConfigureAwait(false);
        await RemoveAllBut(definition.RunId!, all, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RunSnapshot> OpenNowAsync(JournalRun run, IReadOnlyDictionary<string, string> tags)
    {
        var definition = run.Definition;
        var stored = definition.Plan is { } plan
            ? await FindOrCreateAsync(run, plan, tags).ConfigureAwait(false)
            : await ResumeAsync(run, definition).ConfigureAwait(false);
        run.Log.SetOpened(
            run,
            definition with { RunId = stored.Id, ExperimentId = stored.ExperimentId, ExperimentName = null, Plan = null, IsToBeResumed = false, ResumedAt = null });
        return stored;
    }

    private async ValueTask<RunSnapshot> FindOrCreateAsync(JournalRun run, RunPlan plan, IReadOnlyDictionary<string, string> tags)
    {
        var experimentId = await experiments.ResolveAsync(plan, stop).ConfigureAwait(false);
        var key = run.Definition.Key!;
        run.MayBeTwice |= run.MayBeCreated;
        if (run.MayBeCreated && await FindLateAsync(run, experimentId, key).ConfigureAwait(false) is { } found)
        {
            // Its id was never known here, so nothing of ours has come to it yet.
            run.IsNew = true;
            return found;
        }

        var all = new Dictionary<string, string>(plan.Tags);
        if (await FindParentIdAsync(run, plan, experimentId).ConfigureAwait(false) is { } parentId)
        {
            all[SystemTags.ParentRunId] = parentId;
        }

        foreach (var (name, value) in tags)
        {
            all[name] = value;
        }

        all[SystemTags.Session] = run.Definition.Session;
        all[SystemTags.RunKey] = key;
        var created = await CreateAsync(
            run,
            new RunCreation
            {
                ExperimentId = experimentId,
                Name = plan.Name,
                StartTime = UnixTime.Of(plan.StartTime),
                UserId = plan.UserId,
                Tags = all,
            }).ConfigureAwait(false);
        run.IsNew = true;
        if (run.MayBeTwice)
        {
            await RemoveAllBut(created.Id, await FindAllAsync(experimentId, key, stop).ConfigureAwait(false), stop).ConfigureAwait(false);
        }

        return created;
    }

    private async ValueTask<RunSnapshot> CreateAsync(JournalRun run, RunCreation creation)
    {
        var mightBe = run.MayBeCreated;
        if (!run.TryBeginCreation())
        {
            throw new OperationCanceledException("The start of the run was given up.");
        }

        var began = clock.GetTimestamp();
        try
        {
            return await backend.CreateRunAsync(creation, stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            run.MayBeCreated = mightBe || DeliveryFaults.MayBeStored(e);
            run.LateCreation = LateAnswer.Of(e, began, clock);
            throw;
        }
    }

    /// <summary>A run whose creation got no answer; looked for until it would be there.</summary>
    private async ValueTask<RunSnapshot?> FindLateAsync(JournalRun run, string experimentId, string key)
    {
        var all = await LateAnswer.SettleAsync(
            await FindAllAsync(experimentId, key, stop).ConfigureAwait(false),
            () => FindAllAsync(experimentId, key, stop).AsTask(),
            found => found.Count > 0,
            (_, _) => true,
            run.LateCreation,
            clock,
            stop).ConfigureAwait(false);

        if (all.Count > 0)
        {
            await RemoveAllBut(all[0].Id, all, stop).ConfigureAwait(false);
        }

        return all.Count > 0 ? all[0] : null;
    }

    /// <summary>The runs of a key, those that are not deleted first.</summary>
    private async ValueTask<List<RunSnapshot>> FindAllAsync(string experimentId, string key, CancellationToken cancellationToken)
    {
        var query = new RunQuery
        {
            ExperimentIds = [experimentId],
            Filter = $"tags.`{SystemTags.RunKey}` = '{key}'",
            View = ViewType.All,
            PageSize = MostOfOneKey,
        };
        var page = await backend.SearchRunsAsync(query, null, cancellationToken).ConfigureAwait(false);
        return [.. page.Items.OrderBy(run => run.LifecycleStage == LifecycleStage.Deleted)];
    }

    private async ValueTask RemoveAllBut(string runId, IReadOnlyList<RunSnapshot> all, CancellationToken cancellationToken)
    {
        foreach (var surplus in all.Where(run => run.Id != runId && run.LifecycleStage == LifecycleStage.Active))
        {
            await backend.UpdateRunAsync(surplus.Id, RunStatus.Killed, clock.GetUtcNow(), null, clearEndTime: false, cancellationToken)
                .ConfigureAwait(false);
            await backend.DeleteRunAsync(surplus.Id, cancellationToken).ConfigureAwait(false);
            logger.LogWarning(
                new EventId(13, "SurplusRunDeleted"),
                "The server carried out a creation of run {RunId} late, after it had been repeated; the empty run {Surplus} is deleted",
                runId, surplus.Id);
        }
    }

    private async ValueTask<string?> FindParentIdAsync(JournalRun run, RunPlan plan, string experimentId)
    {
        if (plan.ParentKey is not { } key)
        {
            return null;
        }

        var id = run.Log.FindRun(key)?.Definition.RunId
            ?? (await FindAllAsync(experimentId, key, stop).ConfigureAwait(false)).FirstOrDefault()?.Id;
        if (id is null)
        {
            logger.LogWarning("The parent of run {Run} is not in the store; the run has none there", run.Definition.Label);
        }

        return id;
    }

    private async ValueTask<RunSnapshot> ResumeAsync(JournalRun run, RunDefinition definition)
    {
        var runId = definition.RunId!;
        var stored = await backend.GetRunAsync(runId, stop).ConfigureAwait(false);
        await ResumeRules.CheckAsync(backend, stored, definition.ExperimentName, stop).ConfigureAwait(false);
        if (IsOver(run, definition, stored))
        {
            return stored;
        }

        await ResumeRules.SetRunningAsync(backend, runId, definition.Session, null, stop).ConfigureAwait(false);
        return stored with { Status = RunStatus.Running, EndTime = null };
    }

    /// <summary>
    /// The process that resumed the run without its server is dead, and the run runs in another session or was ended in one since: its records
    /// come to it, but how it stands is for others to say.
    /// </summary>
    private static bool IsOver(JournalRun run, RunDefinition definition, RunSnapshot stored)
        => run.MayBeCreated
            && definition.ResumedAt is { } resumedAt
            && (stored.Status == RunStatus.Running || stored.EndTime?.ToUnixTimeMilliseconds() > resumedAt);
}
