namespace ModelTrack.Client.Backends.Memory;

/// <summary>The runs of a memory store. Used under the store's lock.</summary>
internal sealed class MemoryRuns
{
    private readonly Dictionary<string, MemoryRun> _runs = [];

    /// <exception cref="ModelTrackException">There is none.</exception>
    public MemoryRun Require(string runId)
        => _runs.GetValueOrDefault(runId)
            ?? throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no run '{runId}'.");

    /// <exception cref="ModelTrackException">There is none, or it is deleted.</exception>
    public MemoryRun RequireActive(string runId)
    {
        var run = Require(runId);
        return run.Stage == LifecycleStage.Active
            ? run
            : throw new ModelTrackException(
                ErrorCode.InvalidParameterValue, $"The run '{runId}' is deleted; restore it before writing to it.");
    }

    public MemoryRun Create(RunCreation creation, MemoryExperiment experiment)
    {
        if (experiment.Stage == LifecycleStage.Deleted)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState, $"The experiment '{experiment.Name}' (id {experiment.Id}) is deleted; restore it first.");
        }

        var id = creation.RunId ?? Guid.NewGuid().ToString("N");
        var run = new MemoryRun(id, creation, $"{experiment.ArtifactLocation.TrimEnd('/')}/{id}/artifacts", experiment.Datasets);
        return _runs.TryAdd(id, run)
            ? run
            : throw new ModelTrackException(ErrorCode.ResourceAlreadyExists, $"There is a run '{id}' already.");
    }

    /// <summary>The runs of some experiments; an experiment that does not exist has none.</summary>
    public List<RunSnapshot> List(IReadOnlyList<string> experimentIds, ViewType view)
    {
        var wanted = experimentIds.ToHashSet();
        return [.. _runs.Values.Where(r => wanted.Contains(r.ExperimentId) && view.Includes(r.Stage)).Select(r => r.ToSnapshot())];
    }

    public void SetStageOfAll(string experimentId, LifecycleStage stage)
    {
        foreach (var run in _runs.Values.Where(r => r.ExperimentId == experimentId))
        {
            run.Stage = stage;
        }
    }
}
