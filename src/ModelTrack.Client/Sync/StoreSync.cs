using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>Copies one store into another: experiment by experiment, the runs of each in the order in which they started.</summary>
internal sealed class StoreSync
{
    /// <summary>A store that cannot be reached for so many runs, one after the other, is away.</summary>
    private const int MostFailuresInARow = 3;

    private const int PageSize = 200;

    private readonly SyncStore _source;
    private readonly SyncOptions _options;
    private readonly IProgress<SyncProgress>? _progress;
    private readonly ExperimentSync _experiments;
    private readonly RunSync _runs;
    private readonly RegistrySync _registry;
    private readonly List<SyncItem> _items = [];
    private readonly Dictionary<string, string?> _copies = new(StringComparer.Ordinal);
    private readonly List<(string RunId, ExperimentCopy Experiment)> _orphans = [];
    private int _runsDone;
    private int _failuresInARow;

    public StoreSync(
        SyncStore source,
        SyncStore target,
        SyncOptions options,
        int parallel,
        TimeProvider clock,
        ILogger logger,
        IProgress<SyncProgress>? progress)
    {
        _source = source;
        _options = options;
        _progress = progress;
        _experiments = new ExperimentSync(source, target, options.DryRun);
        var models = new LoggedModelSync(source, target, parallel, logger);
        _runs = new RunSync(source, target, _experiments, models, options, parallel, clock);
        _registry = new RegistrySync(source, target, options, _copies, models.Copies);
    }

    private ViewType View => _options.IncludeDeleted ? ViewType.All : ViewType.ActiveOnly;

    public async Task<SyncReport> RunAsync(CancellationToken cancellationToken)
    {
        var opened = new List<ExperimentCopy>();
        foreach (var experiment in await ListExperimentsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await CopyAsync(experiment, cancellationToken).ConfigureAwait(false) is { } copy)
            {
                opened.Add(copy);
            }
        }

        await CopyOrphansAsync(cancellationToken).ConfigureAwait(false);
        if (_options.IncludeRegisteredModels)
        {
            await _registry.CopyAsync(TryAsync, Finish, cancellationToken).ConfigureAwait(false);
        }

        foreach (var copy in opened)
        {
            await _experiments.DeleteAsync(copy, cancellationToken).ConfigureAwait(false);
        }

        return new SyncReport { IsDryRun = _options.DryRun, Items = _items };
    }

    private async Task<List<Experiment>> ListExperimentsAsync(CancellationToken cancellationToken)
    {
        var experiments = new List<Experiment>();
        foreach (var name in _options.Experiments ?? [])
        {
            var found = await _source.Backend.FindExperimentAsync(name, cancellationToken).ConfigureAwait(false);
            if (found is null || !View.Includes(found.LifecycleStage))
            {
                throw new ModelTrackException(
                    ErrorCode.ResourceDoesNotExist,
                    $"The source has no experiment {Excerpt.Of(name)}{(found is null ? "" : " that is not deleted")}.");
            }

            experiments.Add(found);
        }

        if (_options.Experiments is null)
        {
            var query = new ExperimentQuery { View = View };
            string? token = null;
            do
            {
                var page = await _source.Backend.SearchExperimentsAsync(query, token, cancellationToken).ConfigureAwait(false);
                experiments.AddRange(page.Items);
                token = page.NextPageToken;
            }
            while (token is not null);
        }

        return experiments;
    }

    /// <summary>Null when the experiment could not be opened in the target, or has nothing that is wanted.</summary>
    private async Task<ExperimentCopy?> CopyAsync(Experiment experiment, CancellationToken cancellationToken)
    {
        var runs = ListRunsAsync(experiment, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (runs.ConfigureAwait(false))
        {
            var hasMore = await runs.MoveNextAsync().ConfigureAwait(false);
            if (!hasMore && _options.Filter is not null)
            {
                return null;
            }

            ExperimentCopy? copy = null;
            var tally = new SyncTally();
            await TryAsync(
                tally,
                async () => copy = await _experiments.OpenAsync(experiment, tally, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            Finish(tally.ToItem(SyncItemKind.Experiment, experiment.Name, experiment.Id, copy?.Target?.Id));
            for (; hasMore && copy is not null; hasMore = await runs.MoveNextAsync().ConfigureAwait(false))
            {
                await CopyRunAsync(runs.Current, copy, isOrphan: false, cancellationToken).ConfigureAwait(false);
            }

            return copy;
        }
    }

    /// <summary>The ids of the runs, in the order in which they started: a run that starts meanwhile comes last.</summary>
    private async IAsyncEnumerable<string> ListRunsAsync(
        Experiment experiment, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new RunQuery
        {
            ExperimentIds = [experiment.Id],
            Filter = _options.Filter,
            OrderBy = ["attributes.start_time ASC"],
            View = View,
            PageSize = PageSize,
        };
        string? token = null;
        do
        {
            var page = await _source.Backend.SearchRunsAsync(query, token, cancellationToken).ConfigureAwait(false);
            foreach (var run in page.Items)
            {
                yield return run.Id;
            }

            token = page.NextPageToken;
        }
        while (token is not null);
    }

    /// <summary>Children whose parents came later. Parents first again; those of which nobody comes are copied without the link.</summary>
    private async Task CopyOrphansAsync(CancellationToken cancellationToken)
    {
        while (_orphans.Count > 0)
        {
            var orphans = _orphans.ToList();
            _orphans.Clear();
            foreach (var (runId, experiment) in orphans)
            {
                await CopyRunAsync(runId, experiment, isOrphan: false, cancellationToken).ConfigureAwait(false);
            }

            if (_orphans.Count == orphans.Count)
            {
                foreach (var (runId, experiment) in orphans)
                {
                    await CopyRunAsync(runId, experiment, isOrphan: true, cancellationToken).ConfigureAwait(false);
                }

                return;
            }
        }
    }

    private async Task CopyRunAsync(string runId, ExperimentCopy experiment, bool isOrphan, CancellationToken cancellationToken)
    {
        var tally = new SyncTally();
        RunSnapshot? run = null;
        string? copyId = null;
        var isLeft = false;
        await TryAsync(tally, async () =>
        {
            run = await _source.Backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
            var parentId = run.ParentRunId is { } parent ? _copies.GetValueOrDefault(parent) : null;
            isLeft = run.ParentRunId is { } unknown && !isOrphan && !_copies.ContainsKey(unknown);
            if (!isLeft)
            {
                copyId = await _runs.CopyAsync(run, experiment, parentId, tally, cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        if (isLeft)
        {
            _orphans.Add((runId, experiment));
            return;
        }

        _copies[runId] = copyId ?? experiment.Copies.GetValueOrDefault(runId);
        _runsDone++;
        Finish(tally.ToItem(SyncItemKind.Run, run?.Name ?? "", runId, _copies[runId]));
    }

    /// <summary>What goes wrong with one thing does not keep the others from being copied, unless the store is away.</summary>
    private async Task TryAsync(SyncTally tally, Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            _failuresInARow = 0;
        }
        catch (Exception e) when (e is ModelTrackException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            tally.Failure = e.Message;
            _failuresInARow = e is ModelTrackException { IsTransient: true } ? _failuresInARow + 1 : 0;
            if (_failuresInARow >= MostFailuresInARow)
            {
                throw;
            }
        }
    }

    private void Finish(SyncItem item)
    {
        _items.Add(item);
        _progress?.Report(new SyncProgress(item, _runsDone));
    }
}
