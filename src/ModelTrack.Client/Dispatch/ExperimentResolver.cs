using System.Collections.Concurrent;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client.Dispatch;

/// <summary>Which experiment a name means. Names that are new are created.</summary>
internal sealed class ExperimentResolver(ITrackingBackend backend)
{
    private readonly ConcurrentDictionary<string, string> _ids = new();

    /// <summary>The id of the experiment that a run is to be created in.</summary>
    /// <exception cref="ModelTrackException">There is none of that id, it is deleted, or id and name are not those of one experiment.</exception>
    public async ValueTask<string> ResolveAsync(RunPlan plan, CancellationToken cancellationToken)
    {
        if (plan.ExperimentId is not { } id)
        {
            return await ResolveAsync(plan.ExperimentName!, cancellationToken).ConfigureAwait(false);
        }

        if (plan.ExperimentName is not { } name)
        {
            return id;
        }

        var experiment = await backend.GetExperimentAsync(id, cancellationToken).ConfigureAwait(false);
        return name == experiment.Name
            ? id
            : throw new ModelTrackException(
                ErrorCode.InvalidParameterValue,
                $"MLFLOW_EXPERIMENT_ID is {id}, the experiment '{experiment.Name}', but MLFLOW_EXPERIMENT_NAME is '{name}'.");
    }

    private async ValueTask<string> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (_ids.TryGetValue(name, out var known) && await IsStillAsync(name, known, cancellationToken).ConfigureAwait(false))
        {
            return known;
        }

        var found = await FindOrCreateAsync(name, cancellationToken).ConfigureAwait(false);
        return found.LifecycleStage == LifecycleStage.Deleted
            ? throw new ModelTrackException(ErrorCode.InvalidState, $"The experiment '{name}' is deleted; restore it or take another name.")
            : _ids[name] = found.Id;
    }

    /// <summary>
    /// Experiments can be renamed and deleted under a tracker that lives long. One look at it, where finding a name may read all.
    /// </summary>
    private async ValueTask<bool> IsStillAsync(string name, string id, CancellationToken cancellationToken)
    {
        try
        {
            var experiment = await backend.GetExperimentAsync(id, cancellationToken).ConfigureAwait(false);
            return experiment.Name == name && experiment.LifecycleStage == LifecycleStage.Active;
        }
        catch (ModelTrackException e) when (!e.IsTransient)
        {
            return false;
        }
    }

    private async ValueTask<Experiment> FindOrCreateAsync(string name, CancellationToken cancellationToken)
    {
        if (await backend.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        try
        {
            return await backend.CreateExperimentAsync(name, null, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceAlreadyExists || e.MayBeApplied)
        {
            // Another process was quicker, or the answer was lost: the name is unique, so what is found is what was wanted.
            return await backend.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw new ModelTrackException(e.ErrorCode, e.Message, e) { StatusCode = e.StatusCode, IsTransient = e.IsTransient };
        }
    }
}
