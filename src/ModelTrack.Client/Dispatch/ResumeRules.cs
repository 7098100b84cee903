using ModelTrack.Client.Backends;

namespace ModelTrack.Client.Dispatch;

/// <summary>Which run can be resumed: one that is not deleted, and in the experiment that the caller names, if he names one.</summary>
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
}
