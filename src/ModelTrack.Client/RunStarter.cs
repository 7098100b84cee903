using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Dispatch;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <summary>Starts runs and resumes them: which experiment, which tags, which id.</summary>
internal sealed class RunStarter(TrackerCore tracker, TrackingEnvironment environment)
{
    private const string DefaultExperiment = "Default";
    private static readonly TimeSpan ResumeTimeout = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan ShortLook = TimeSpan.FromSeconds(1);

    private readonly Lazy<IReadOnlyDictionary<string, string>> _context = new(() => RunContext.Current(environment).GetTags());

    public async ValueTask<Run> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var tags = Check(request);
        var resumed = request.RunId ?? (request.ParentRunId is null && request.ParentKey is null ? environment.TakeRunId() : null);
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
        var tags = new Dictionary<string, string>(tracker.Options.CaptureContext ? _context.Value : new Dictionary<string, string>());
        if (request.ParentRunId is { } parent)
        {
            tags[SystemTags.ParentRunId] = parent;
        }

        var (experimentId, experimentName) = ExperimentOf(request);
        var plan = new RunPlan
        {
            ExperimentId = experimentId,
            ExperimentName = experimentName,
            Name = request.Name ?? userTags.GetValueOrDefault(SystemTags.RunName)
                ?? tags.GetValueOrDefault(SystemTags.RunName) ?? RunNames.Next(),
            StartTime = tracker.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
            UserId = userTags.GetValueOrDefault(SystemTags.User) ?? tags.GetValueOrDefault(SystemTags.User, "unknown"),
            ParentKey = request.ParentKey,
            Tags = tags,
        };
        return tracker.Backend.IsRemote
            ? await CreateRemotelyAsync(plan, userTags, request.Blocks, cancellationToken).ConfigureAwait(false)
            : await CreateLocallyAsync(plan, userTags, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Run> CreateLocallyAsync(RunPlan plan, Dictionary<string, string> userTags, CancellationToken cancellationToken)
    {
        plan = plan with { ExperimentId = await tracker.Experiments.ResolveAsync(plan, cancellationToken).ConfigureAwait(false) };
        tracker.EnsureStarted();
        var definition = new RunDefinition
        {
            RunId = Guid.NewGuid().ToString("N"),
            Session = NewSession(),
            ExperimentId = plan.ExperimentId,
        };
        var tags = new Dictionary<string, string>(plan.Tags);
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
                    ExperimentId = plan.ExperimentId!,
                    Name = plan.Name,
                    StartTime = DateTimeOffset.FromUnixTimeMilliseconds(plan.StartTime),
                    UserId = plan.UserId,
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

    /// <summary>
    /// Waits for the server's answer, but not for long: a run whose server is away starts all the same, and is created when that is back.
    /// </summary>
    private async ValueTask<Run> CreateRemotelyAsync(
        RunPlan plan, Dictionary<string, string> userTags, bool blocks, CancellationToken cancellationToken)
    {
        tracker.EnsureStarted();
        var journaled = tracker.Journal.OpenRun(
            new RunDefinition { Session = NewSession(), Key = Guid.NewGuid().ToString("N"), Plan = plan });
        var stored = plan.ParentKey is null
            ? await TryOpenAsync(journaled, userTags, blocks, cancellationToken).ConfigureAwait(false)
            : null;
        var run = tracker.Open(journaled, stored, isResumed: false);
        if (stored is null)
        {
            run.SetTags(userTags);
            tracker.Dispatcher.Open(journaled);
        }

        return run;
    }

    /// <summary>The run as the server has it now; null when the server is away.</summary>
    private async ValueTask<RunSnapshot?> TryOpenAsync(
        JournalRun journaled, Dictionary<string, string> userTags, bool blocks, CancellationToken cancellationToken)
    {
        // Known to be away it gets a short look: it may be back just now.
        var limit = tracker.Options.StartTimeout;
        limit = tracker.Dispatcher.IsStoreAway && limit > ShortLook ? ShortLook : limit;
        if (limit == TimeSpan.Zero || (blocks && !PoolWorks(limit)))
        {
            return null;
        }

        using var over = new CancellationTokenSource(limit, tracker.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await tracker.Dispatcher.Opener.OpenAsync(journaled, userTags, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogAway($"it did not answer within {limit.TotalSeconds:0.###} s (TrackerOptions.StartTimeout).");
            return null;
        }
        catch (ModelTrackException e) when (e.IsTransient)
        {
            LogAway(e.Message);
            return null;
        }
        catch
        {
            if (journaled.TryGiveUp())
            {
                tracker.Journal.Abandon(journaled);
            }
            else
            {
                // The caller gave up, and the server may create it: it is closed when that is known.
                tracker.Journal.AppendStatus(journaled, RunStatus.Killed, tracker.Clock.GetUtcNow().ToUnixTimeMilliseconds());
                tracker.Dispatcher.Open(journaled);
            }

            throw;
        }
    }

    /// <summary>
    /// Whether an answer could be waited for: the answer, and the end of the wait for it, are the work of the pool's threads, which may all be
    /// blocked.
    /// </summary>
    private bool PoolWorks(TimeSpan limit)
    {
        if (Blocking.PoolWorks(limit, tracker.Clock))
        {
            return true;
        }

        LogAway($"no thread of the thread pool became free within {limit.TotalSeconds:0.###} s, without which no server can be spoken to.");
        return false;
    }

    private void LogAway(string reason) => tracker.Logger.LogWarning(
        new EventId(12, "StartedOffline"),
        "The run starts without the server at {Destination}: {Reason} What is logged is kept in the journal until the server takes it",
        tracker.Backend.Destination, Sentence.Of(reason));

    private async ValueTask<Run> ResumeAsync(
        string runId, RunRequest request, Dictionary<string, string> userTags, CancellationToken cancellationToken)
    {
        var session = NewSession();
        if (!tracker.Backend.IsRemote)
        {
            return await ResumeNowAsync(runId, session, request, userTags, cancellationToken).ConfigureAwait(false);
        }

        if (request.Blocks && !PoolWorks(tracker.Options.StartTimeout))
        {
            return ResumeLater(runId, session, request, userTags);
        }

        using var over = new CancellationTokenSource(tracker.Options.StartTimeout, tracker.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await ResumeNowAsync(runId, session, request, userTags, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogAway($"it did not answer within {tracker.Options.StartTimeout.TotalSeconds:0.###} s (TrackerOptions.StartTimeout).");
        }
        catch (ModelTrackException e) when (e.IsTransient)
        {
            LogAway(e.Message);
        }

        return ResumeLater(runId, session, request, userTags);
    }

    private async ValueTask<Run> ResumeNowAsync(
        string runId, string session, RunRequest request, Dictionary<string, string> userTags, CancellationToken cancellationToken)
    {
        var stored = await tracker.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        await ResumeRules.CheckAsync(tracker.Backend, stored, request.ExperimentName, cancellationToken).ConfigureAwait(false);
        tracker.EnsureStarted();

        // What another handle or a dead process has still in a journal for this run belongs before what comes now.
        await FlushBrieflyAsync(cancellationToken).ConfigureAwait(false);
        stored = await tracker.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        var known = new RunKeys(tracker.Backend.KeysArePaths);
        known.Learn(stored);
        known.CheckTags(userTags.Keys);
        var journaled = tracker.Journal.OpenRun(new RunDefinition { RunId = runId, Session = session, ExperimentId = stored.ExperimentId });
        try
        {
            await ResumeRules.SetRunningAsync(tracker.Backend, runId, session, request.Name, cancellationToken).ConfigureAwait(false);
            stored = await tracker.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            tracker.Journal.Abandon(journaled);
            throw;
        }

        return tracker.Open(journaled, stored, isResumed: true).SetTags(userTags);
    }

    /// <summary>The server cannot be asked about the run; it is taken to be there, and what the server says against it comes later.</summary>
    private Run ResumeLater(string runId, string session, RunRequest request, Dictionary<string, string> userTags)
    {
        tracker.EnsureStarted();
        var journaled = tracker.Journal.OpenRun(
            new RunDefinition
            {
                RunId = runId,
                Session = session,
                ExperimentName = request.ExperimentName,
                IsToBeResumed = true,
                ResumedAt = tracker.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
            });
        var run = tracker.Open(journaled, null, isResumed: true).SetTags(userTags);
        if (request.Name is { } name)
        {
            run.SetTag(SystemTags.RunName, name);
        }

        tracker.Dispatcher.Open(journaled);
        return run;
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

    private static string NewSession() => Guid.NewGuid().ToString("N");

    /// <summary>As in MLflow: argument, option, MLFLOW_EXPERIMENT_NAME, MLFLOW_EXPERIMENT_ID, the default.</summary>
    private (string? Id, string? Name) ExperimentOf(RunRequest request)
        => request.ExperimentId is { } id ? (id, null)
            : (request.ExperimentName ?? tracker.Options.ExperimentName) is { } name ? (null, name)
            : environment.ExperimentId is { } variable ? (variable, environment.ExperimentName)
            : (null, environment.ExperimentName ?? DefaultExperiment);
}
