using System.Globalization;

namespace ModelTrack.Client.Backends.Memory;

/// <summary>The experiments of a memory store, numbered as on a server: 0 is the default one. Used under the store's lock.</summary>
internal sealed class MemoryExperiments
{
    private const string DefaultId = "0";
    private const string DefaultName = "Default";

    private readonly Dictionary<string, MemoryExperiment> _experiments = [];
    private readonly MemoryRuns _runs;
    private readonly TimeProvider _clock;

    public MemoryExperiments(MemoryRuns runs, TimeProvider clock)
    {
        _runs = runs;
        _clock = clock;
        Create(DefaultName, artifactLocation: null, tags: null);
    }

    /// <exception cref="ModelTrackException">There is none.</exception>
    public MemoryExperiment Require(string experimentId)
        => _experiments.GetValueOrDefault(experimentId)
            ?? throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no experiment '{experimentId}'.");

    /// <exception cref="ModelTrackException">There is none, or it is deleted.</exception>
    public MemoryExperiment RequireActive(string experimentId)
    {
        var experiment = Require(experimentId);
        return experiment.Stage == LifecycleStage.Active
            ? experiment
            : throw new ModelTrackException(
                ErrorCode.InvalidParameterValue, $"The experiment '{experimentId}' is deleted; restore it first.");
    }

    public MemoryExperiment? Find(string name) => _experiments.Values.FirstOrDefault(e => e.Name == name);

    public List<Experiment> List(ViewType view)
        => [.. _experiments.Values.Where(e => view.Includes(e.Stage)).Select(e => e.ToExperiment())];

    public MemoryExperiment Create(string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags)
    {
        CheckIsFree(name);
        var id = _experiments.Count.ToString(CultureInfo.InvariantCulture);
        var experiment = new MemoryExperiment(id, name, artifactLocation ?? "memory:/" + id, Now)
        {
            Tags = tags is null ? [] : new Dictionary<string, string>(tags),
        };
        _experiments.Add(id, experiment);
        return experiment;
    }

    public void Rename(string experimentId, string newName)
    {
        var experiment = RequireActive(experimentId);
        if (experiment.Name != newName)
        {
            CheckIsFree(newName);
            experiment.Name = newName;
            experiment.LastUpdateTime = Now;
        }
    }

    public void Delete(string experimentId)
    {
        if (experimentId == DefaultId)
        {
            throw new ModelTrackException(ErrorCode.InvalidParameterValue, "The default experiment cannot be deleted.");
        }

        SetStage(RequireActive(experimentId), LifecycleStage.Deleted);
    }

    public void Restore(string experimentId)
    {
        if (_experiments.GetValueOrDefault(experimentId) is not { Stage: LifecycleStage.Deleted } experiment)
        {
            throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no deleted experiment '{experimentId}'.");
        }

        SetStage(experiment, LifecycleStage.Active);
    }

    public void DeleteTag(string experimentId, string key)
    {
        if (!RequireActive(experimentId).Tags.Remove(key))
        {
            throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The experiment '{experimentId}' has no tag '{key}'.");
        }
    }

    // To the millisecond, as every store keeps times.
    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());

    private void CheckIsFree(string name)
    {
        if (Find(name) is { } taken)
        {
            var state = taken.Stage == LifecycleStage.Deleted ? "a deleted experiment" : "an experiment";
            throw new ModelTrackException(
                ErrorCode.ResourceAlreadyExists, $"There is {state} named '{name}' already (id {taken.Id}).");
        }
    }

    // As in MLflow, all runs go with their experiment, and come back with it even if they had been deleted before.
    private void SetStage(MemoryExperiment experiment, LifecycleStage stage)
    {
        _runs.SetStageOfAll(experiment.Id, stage);
        experiment.Stage = stage;
        experiment.LastUpdateTime = Now;
    }
}
