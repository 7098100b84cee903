using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Copies one store into another: experiment by experiment, the runs of each in the order in which they started, several at a time. The
/// report has them in that order, whichever was finished first.
/// </summary>
internal sealed class StoreSync
{
    /// <summary>A store that cannot be reached for so many runs in a row, besides those that are copied side by side, is away.</summary>
    private const int MostFailuresInARow = 2;

    private const int PageSize = 500;

    private readonly SyncStore _source;
    private readonly SyncOptions _options;
    private readonly IProgress<SyncProgress>? _progress;
    private readonly ExperimentSync _experiments;
    private readonly RunSync _runs;
    private readonly LoggedModelSync _models;
    private readonly RegistrySync _registry;
    private readonly ConcurrentDictionary<string, string?> _copies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunJob> _underWay = new(StringComparer.Ordinal);

    /// <summary>What the report will have; null: not finished yet. Also the lock of what follows.</summary>
    private readonly List<SyncItem?> _items = [];

    private readonly List<RunJob> _orphans = [];
    private int _runsDone;
    private int _failuresInARow;

    public StoreSync(
        SyncStore source,
        SyncStore target,
        SyncOptions options,
        int parallel,
        SemaphoreSlim transfers,
        TimeProvider clock,
        ILogger logger,
        IProgress<SyncProgress>? progress)
    {
        _source = source;
        _options = options;
        _progress = progress;
        _experiments = new ExperimentSync(source, target, options.DryRun);
        _models = new LoggedModelSync(source, target, parallel, logger);
        _runs = new RunSync(source, target, _experiments, _models, options, parallel, transfers, clock);
        _registry = new RegistrySync(source, target, options, _copies, _models);
    }

    private ViewType View => _options.IncludeDeleted ? ViewType.All : ViewType.ActiveOnly;

    public async Task<SyncReport> RunAsync(CancellationToken cancellationToken)
    {
        var opened = new List<ExperimentCopy>();
        await Parallel.ForEachAsync(ListRunsAsync(opened, cancellationToken), Side(cancellationToken), CopyRunAsync)
            .ConfigureAwait(false);
        await CopyOrphansAsync(cancellationToken).ConfigureAwait(false);
        await _models.CopyRecordsAsync(_copies, _options.DryRun, TryAsync, Add, cancellationToken).ConfigureAwait(false);
        if (_options.IncludeRegisteredModels)
        {
            await _registry.CopyAsync(TryAsync, Add, cancellationToken).ConfigureAwait(false);
        }

        foreach (var copy in opened)
        {
            await _experiments.DeleteAsync(copy, cancellationToken).ConfigureAwait(false);
        }

        return new SyncReport { IsDryRun = _options.DryRun, Items = [.. _items.OfType<SyncItem>()] };
    }

    /// <summary>A run to copy.</summary>
    /// <param name="Number">Its place in the report. A run waits only for a parent with a lower one: none wait for each other.</param>
    /// <param name="RunId">The run.</param>
    /// <param name="Experiment">Where it goes.</param>
    /// <param name="IsOrphan">It is copied although its parent is not.</param>
    private sealed record RunJob(int Number, string RunId, ExperimentCopy Experiment, bool IsOrphan)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private ParallelOptions Side(CancellationToken cancellationToken)
        => new() { MaxDegreeOfParallelism = _options.MaxParallelRuns, CancellationToken = cancellationToken };

    /// <summary>Opens one experiment after the other, and gives out its runs. Asked for one run at a time.</summary>
    private async IAsyncEnumerable<RunJob> ListRunsAsync(
        List<ExperimentCopy> opened, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var experiment in await ListExperimentsAsync(cancellationToken).ConfigureAwait(false))
        {
            var runIds = await ListRunIdsAsync(experiment, cancellationToken).ConfigureAwait(false);
            if (runIds.Count == 0 && _options.Filter is not null)
            {
                continue;
            }

            ExperimentCopy? copy = null;
            var tally = new SyncTally();
            await TryAsync(
                tally,
                async () => copy = await _experiments.OpenAsync(experiment, tally, cancellationToken).ConfigureAwait(false))
                .ConfigureAwait(false);
            Add(tally.ToItem(SyncItemKind.Experiment, experiment.Name, experiment.Id, copy?.Target?.Id));
            if (copy is null)
            {
                continue;
            }

            opened.Add(copy);
            foreach (var runId in runIds)
            {
                yield return Begin(runId, copy, isOrphan: false);
            }
        }
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

    /// <summary>
    /// In the order in which they started. Listed before the first is copied: pages that are asked for much later may be others.
    /// </summary>
    private async Task<List<string>> ListRunIdsAsync(Experiment experiment, CancellationToken cancellationToken)
    {
        var query = new RunQuery
        {
            ExperimentIds = [experiment.Id],
            Filter = _options.Filter,
            OrderBy = ["attributes.start_time ASC"],
            View = View,
            PageSize = PageSize,
            OnlyTag = SyncTags.Source,
        };
        var runIds = new List<string>();
        string? token = null;
        do
        {
            var page = await _source.Backend.SearchRunsAsync(query, token, cancellationToken).ConfigureAwait(false);
            runIds.AddRange(page.Items.Select(run => run.Id));
            token = page.NextPageToken;
        }
        while (token is not null);

        return runIds;
    }

    /// <summary>Children whose parents came later. Parents first again; those of which nobody comes are copied without the link.</summary>
    private async Task CopyOrphansAsync(CancellationToken cancellationToken)
    {
        for (var isLast = false; _orphans.Count > 0;)
        {
            var orphans = _orphans.OrderBy(orphan => orphan.Number).ToList();
            _orphans.Clear();
            var jobs = orphans.Select(orphan => Begin(orphan.RunId, orphan.Experiment, isLast));
            await Parallel.ForEachAsync(jobs, Side(cancellationToken), CopyRunAsync).ConfigureAwait(false);
            isLast = _orphans.Count == orphans.Count;
        }
    }

    private RunJob Begin(string runId, ExperimentCopy experiment, bool isOrphan)
    {
        lock (_items)
        {
            var job = new RunJob(_items.Count, runId, experiment, isOrphan);
            _items.Add(null);
            return _underWay[runId] = job;
        }
    }

    private async ValueTask CopyRunAsync(RunJob job, CancellationToken cancellationToken)
    {
        var tally = new SyncTally();
        RunSnapshot? run = null;
        string? copyId = null;
        var isLeft = false;
        await TryAsync(tally, async () =>
        {
            run = await _source.Backend.GetRunAsync(job.RunId, cancellationToken).ConfigureAwait(false);
            string? parentId = null;
            if (run.ParentRunId is { } parent)
            {
                if (_underWay.TryGetValue(parent, out var other) && other.Number < job.Number)
                {
                    await other.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                }

                isLeft = !_copies.TryGetValue(parent, out parentId) && !job.IsOrphan;
            }

            if (!isLeft)
            {
                copyId = await _runs.CopyAsync(run, job.Experiment, parentId, tally, cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        copyId ??= job.Experiment.Copies.GetValueOrDefault(job.RunId);
        if (!isLeft)
        {
            _copies[job.RunId] = copyId;
        }

        _underWay.TryRemove(job.RunId, out _);
        job.Done.SetResult();
        lock (_items)
        {
            if (isLeft)
            {
                _orphans.Add(job);
                return;
            }

            _runsDone++;
            var item = _items[job.Number] = tally.ToItem(SyncItemKind.Run, run?.Name ?? "", job.RunId, copyId);
            _progress?.Report(new SyncProgress(item, _runsDone));
        }
    }

    /// <summary>What goes wrong with one thing does not keep the others from being copied, unless the store is away.</summary>
    private async Task TryAsync(SyncTally tally, Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            CountFailure(isTransient: false);
        }
        catch (Exception e) when (SyncFaults.IsKnown(e))
        {
            tally.Fail(e.Message);
            if (CountFailure(e is ModelTrackException { IsTransient: true }))
            {
                throw;
            }
        }
    }

    /// <returns>Whether it was one too many.</returns>
    private bool CountFailure(bool isTransient)
    {
        lock (_items)
        {
            _failuresInARow = isTransient ? _failuresInARow + 1 : 0;
            return _failuresInARow >= MostFailuresInARow + _options.MaxParallelRuns;
        }
    }

    private void Add(SyncItem item)
    {
        lock (_items)
        {
            _items.Add(item);
            _progress?.Report(new SyncProgress(item, _runsDone));
        }
    }
}
