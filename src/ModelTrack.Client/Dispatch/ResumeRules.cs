using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// Which run can be resumed: one that is not deleted, and in the experiment that the caller names, if he names one. And how that is done.
/// </summary>
internal static class ResumeRules
{
    /// <exception cref="ModelTrackException">It cannot be resumed; or the store is away.</exception>
    public static async ValueTask CheckAsync(ITrackingBackend backend, RunSnapshot run, string? experimentName, CancellationToken cancellationToken)
    {
        if (run.LifecycleStage == LifecycleStage.Deleted)
        {
            throw new ModelTrackException(ErrorCode.InvalidState, $"Run '{run.Id}' is deleted; restore it before going on with it.");
        }

        if (experimentName is not null
            && await backend.FindExperimentAsync(experimentName, cancellationToken).ConfigureAwait(false) is var found
            && found?.Id != run.ExperimentId)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidParameterValue,
                $"Run '{run.Id}' belongs to the experiment with id {run.ExperimentId}, not to '{experimentName}'.");
        }
    }

    /// <summary>Sets a run running again. May be repeated.</summary>
    public static async ValueTask SetRunningAsync(
        ITrackingBackend backend, string runId, string session, string? name, CancellationToken cancellationToken)
    {
        // The session first: who closes what a dead process left open must not find the run running in a session that is over.
        await backend.SetRunTagAsync(runId, SystemTags.Session, session, cancellationToken).ConfigureAwait(false);
        await backend.UpdateRunAsync(runId, RunStatus.Running, null, name, clearEndTime: true, cancellationToken).ConfigureAwait(false);
    }
}
