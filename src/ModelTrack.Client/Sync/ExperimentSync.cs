using System.Collections.Concurrent;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Finds or makes the copies of experiments: an experiment of the same name is the copy. One that was made here has a tag that says so,
/// and only such a one is ever deleted.
/// </summary>
internal sealed class ExperimentSync(SyncStore source, SyncStore target, bool isDry)
{
    private const int PageSize = 500;

    public async Task<ExperimentCopy> OpenAsync(Experiment experiment, SyncTally tally, CancellationToken cancellationToken)
    {
        var found = await target.Backend.FindExperimentAsync(experiment.Name, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            return await CreateAsync(experiment, tally, cancellationToken).ConfigureAwait(false);
        }

        var isDeleted = found.LifecycleStage == LifecycleStage.Deleted;
        if (isDeleted && experiment.LifecycleStage != LifecycleStage.Deleted)
        {
            var obstacle = $"The experiment {Excerpt.Of(experiment.Name)} is deleted in the target.";
            tally.AddConflict(obstacle);
            return new ExperimentCopy(experiment, found, new(), false) { Obstacle = obstacle };
        }

        if (!isDeleted)
        {
            await CopyTagsAsync(experiment, found, tally, cancellationToken).ConfigureAwait(false);
        }

        var copies = await FindCopiesAsync(found, null, cancellationToken).ConfigureAwait(false);
        return new ExperimentCopy(experiment, found, copies, false);
    }

    /// <summary>The copies of runs in an experiment of the target: their ids by the source runs'.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="sourceRunId">The run whose copy is wanted; null: all.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<ConcurrentDictionary<string, string>> FindCopiesAsync(
        Experiment experiment, string? sourceRunId, CancellationToken cancellationToken)
    {
        var copies = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var query = new RunQuery
        {
            ExperimentIds = [experiment.Id],
            Filter = $"tags.`{SyncTags.Source}` " + (sourceRunId is null ? "!= ''" : $"= '{sourceRunId}'"),
            OrderBy = ["attributes.start_time ASC"],
            View = ViewType.All,
            PageSize = PageSize,
            OnlyTag = SyncTags.Source,
        };
        string? token = null;
        do
        {
            var page = await target.Backend.SearchRunsAsync(query, token, cancellationToken).ConfigureAwait(false);
            foreach (var run in page.Items)
            {
                copies.TryAdd(run.Tags[SyncTags.Source], run.Id);
            }

            token = page.NextPageToken;
        }
        while (token is not null);

        return copies;
    }

    /// <summary>Deletes the copy of a deleted experiment, if it was made here.</summary>
    public async Task DeleteAsync(ExperimentCopy copy, CancellationToken cancellationToken)
    {
        if (!isDry && copy is { Target: { LifecycleStage: LifecycleStage.Active } made, Source.LifecycleStage: LifecycleStage.Deleted }
            && made.Tags.GetValueOrDefault(SyncTags.Source) == copy.Source.Id)
        {
            await target.Backend.DeleteExperimentAsync(made.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Dictionary<string, string> TagsOf(Experiment experiment)
        => experiment.Tags.Where(tag => !SyncTags.IsOfStore(tag.Key)).ToDictionary(tag => tag.Key, tag => tag.Value);

    private async Task<ExperimentCopy> CreateAsync(Experiment experiment, SyncTally tally, CancellationToken cancellationToken)
    {
        var tags = TagsOf(experiment);
        tally.Tags += tags.Count;
        tally.IsNew = tally.IsChanged = true;
        if (isDry)
        {
            return new ExperimentCopy(experiment, null, new(), true);
        }

        tags[SyncTags.Source] = experiment.Id;
        tags[SyncTags.Store] = source.Backend.Destination;
        var made = await target.Backend.CreateExperimentAsync(experiment.Name, null, tags, cancellationToken).ConfigureAwait(false);
        return new ExperimentCopy(experiment, made, new(), true);
    }

    private async Task CopyTagsAsync(Experiment experiment, Experiment found, SyncTally tally, CancellationToken cancellationToken)
    {
        foreach (var (key, value) in TagsOf(experiment))
        {
            if (!found.Tags.TryGetValue(key, out var there))
            {
                if (!isDry)
                {
                    await target.Backend.SetExperimentTagAsync(found.Id, key, value, cancellationToken).ConfigureAwait(false);
                }

                tally.Tags++;
            }
            else if (there != value)
            {
                tally.AddDifference($"tag {Excerpt.Of(key)} of the experiment", there, value);
            }
        }
    }
}
