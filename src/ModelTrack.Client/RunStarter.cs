using System.Collections.Concurrent;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Journal;

namespace ModelTrack.Client;

/// <summary>Starts runs and resumes them: which experiment, which tags, which id.</summary>
internal sealed class RunStarter(TrackerCore tracker, TrackingEnvironment environment)
{
    private const string DefaultExperiment = "Default";
    private static readonly TimeSpan ResumeTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, string> _experimentIds = new();
    private readonly Lazy<IReadOnlyDictionary<string, string>> _context = new(() => RunContext.Current(environment).GetTags());

    public async ValueTask<Run> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var tags = Check(request);
        var resumed = request.RunId ?? (request.ParentRunId is null ? environment.TakeRunId() : null);
        return resumed is null
            ? await CreateAsync(request, tags, cancellationToken).ConfigureAwait(false)
            : await ResumeAsync(resumed, request, tags, cancellationToken).ConfigureAwait(false);
    }

    private Dictionary<string, string> Check(RunRequest request)
    {
        if (request.Name is { } name)
        {
            Rules.CheckRunName(name);
        }

        if (request.ExperimentName is { } experiment)
        {
            Rules.CheckExperimentName(experiment);
        }

        if (request.RunId is { } runId)
        {
            Rules.CheckRunId(runId);
        }

        var tags = new Dictionary<string, string>();
        foreach (var (key, value) in request.Tags ?? [])
        {
            Rules.CheckTag(key, value);
            tags[key] = value;
        }

        if (request.Description is { } description)
        {
            Rules.CheckTag(SystemTags.Note, description);
            tags[SystemTags.Note] = description;
        }

        if (request.Name is not null && tags.TryGetValue(SystemTags.RunName, out var other) && other != request.Name)
        {
            throw new ArgumentException(
                $"The run's name is {Excerpt.Of(request.Name)}, but its tag {SystemTags.RunName} says {Excerpt.Of(other)}; they are the same thing.");
        }

        if (tracker.Backend.KeysArePaths)
        {
            new KeyTree("tag").CheckAll(tags.Keys);
        }

        return tags;
    }

    private async ValueTask<Run> CreateAsync(RunRequest request, Dictionary<string, string> userTags, CancellationToken cancellationToken)
    {
        var experimentId = request.ExperimentId ?? await ResolveAsync(request.ExperimentName, cancellationToken).ConfigureAwait(false);
        tracker.EnsureStarted();
        var definition = NewDefinition(Guid.NewGuid().ToString("N"));
        var tags = new Dictionary<string, string>(tracker.Options.CaptureContext ? _context.Value : new Dictionary<string, string>());
        if (request.ParentRunId is { } parent)
        {
            tags[SystemTags.ParentRunId] = parent;
        }

        foreach (var (key, value) in userTags)
        {
            tags[key] = value;
        }

        tags[SystemTags.Session] = definition.Session;

        // The journal knows the run before the store does: whatever becomes of this process, somebody will close it.
        var journaled = tracker.Journal.OpenRun(definition);
        try
        {
            var stored = await tracker.Backend.CreateRunAsync(
                new RunCreation
                {
                    RunId = definition.RunId,
                    ExperimentId = experimentId,
                    Name = request.Name ?? tags.GetValueOrDefault(SystemTags.RunName),
                    StartTime = tracker.Clock.GetUtcNow(),
                    UserId = tags.GetValueOrDefault(SystemTags.User, "unknown"),
                    Tags = tags,
                },
                cancellationToken).ConfigureAwait(false);
            return tracker.Open(journaled, stored, isResumed: false);
        }
        catch
        {
            tracker.Journal.Abandon(journaled);
            throw;
        }
    }

    private async ValueTask<Run> ResumeAsync(
        string runId, RunRequest request, Dictionary<string, string> userTags, CancellationToken cancellationToken)
    {
        var stored = await tracker.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        if (stored.LifecycleStage == LifecycleStage.Deleted)
        {
            throw new ModelTrackException(ErrorCode.InvalidState, $"Run '{runId}' is deleted; restore it before going on with it.");
        }

        if (request.ExperimentName is { } experiment
            && await tracker.Backend.FindExperimentAsync(experiment, cancellationToken).ConfigureAwait(false) is var found
            && found?.Id != stored.ExperimentId)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidParameterValue,
                $"Run '{runId}' belongs to the experiment with id {stored.ExperimentId}, not to '{experiment}'.");
        }

        tracker.EnsureStarted();

        // What another handle or a dead process has still in a journal for this run belongs before what comes now.
        await FlushBrieflyAsync(cancellationToken).ConfigureAwait(false);
        stored = await tracker.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        var known = new RunKeys(tracker.Backend.KeysArePaths);
        known.Learn(stored);
        known.CheckTags(userTags.Keys);
        var definition = NewDefinition(runId);
        var journaled = tracker.Journal.OpenRun(definition);
        try
        {
            // The session first: who closes what a dead process left open must not find the run running in a session that is over.
            await tracker.Backend.SetRunTagAsync(runId, SystemTags.Session, definition.Session, cancellationToken).ConfigureAwait(false);
            await tracker.Backend.UpdateRunAsync(runId, RunStatus.Running, null, request.Name, clearEndTime: true, cancellationToken)
                .ConfigureAwait(false);
            stored = await tracker.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            tracker.Journal.Abandon(journaled);
            throw;
        }

        return tracker.Open(journaled, stored, isResumed: true).SetTags(userTags);
    }

    private async Task FlushBrieflyAsync(CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(ResumeTimeout, tracker.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            await tracker.FlushAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The store does not take it at present; it comes later then.
        }
    }

    private static RunDefinition NewDefinition(string runId) => new() { RunId = runId, Session = Guid.NewGuid().ToString("N") };

    /// <summary>As in MLflow: argument, option, MLFLOW_EXPERIMENT_NAME, MLFLOW_EXPERIMENT_ID, the default. Names that are new are created.</summary>
    private async ValueTask<string> ResolveAsync(string? argument, CancellationToken cancellationToken)
    {
        if (argument is null && tracker.Options.ExperimentName is null && environment.ExperimentId is { } id)
        {
            var experiment = await tracker.Backend.GetExperimentAsync(id, cancellationToken).ConfigureAwait(false);
            return environment.ExperimentName is { } both && both != experiment.Name
                ? throw new ModelTrackException(
                    ErrorCode.InvalidParameterValue,
                    $"MLFLOW_EXPERIMENT_ID is {id}, the experiment '{experiment.Name}', but MLFLOW_EXPERIMENT_NAME is '{both}'.")
                : experiment.Id;
        }

        var name = argument ?? tracker.Options.ExperimentName ?? environment.ExperimentName ?? DefaultExperiment;
        if (_experimentIds.TryGetValue(name, out var known) && await IsStillAsync(name, known, cancellationToken).ConfigureAwait(false))
        {
            return known;
        }

        var found = await FindOrCreateAsync(name, cancellationToken).ConfigureAwait(false);
        return found.LifecycleStage == LifecycleStage.Deleted
            ? throw new ModelTrackException(ErrorCode.InvalidState, $"The experiment '{name}' is deleted; restore it or take another name.")
            : _experimentIds[name] = found.Id;
    }

    /// <summary>
    /// Experiments can be renamed and deleted under a tracker that lives long. One file to look at, where finding a name reads all.
    /// </summary>
    private async ValueTask<bool> IsStillAsync(string name, string id, CancellationToken cancellationToken)
    {
        try
        {
            var experiment = await tracker.Backend.GetExperimentAsync(id, cancellationToken).ConfigureAwait(false);
            return experiment.Name == name && experiment.LifecycleStage == LifecycleStage.Active;
        }
        catch (ModelTrackException)
        {
            return false;
        }
    }

    private async ValueTask<Experiment> FindOrCreateAsync(string name, CancellationToken cancellationToken)
    {
        if (await tracker.Backend.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        try
        {
            return await tracker.Backend.CreateExperimentAsync(name, null, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.ErrorCode == ErrorCode.ResourceAlreadyExists)
        {
            // Another process was quicker.
            return await tracker.Backend.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw new ModelTrackException(e.ErrorCode, e.Message, e);
        }
    }
}
