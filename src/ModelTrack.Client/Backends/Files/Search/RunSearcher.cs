using System.Collections.ObjectModel;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Journal;
using ModelTrack.Client.Lifetime;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>
/// Searches runs: reads all of the experiments' runs, on all cores, and filters and sorts them in memory as MLflow does. What is kept of a
/// hit is where it is and what it is sorted by, and the run itself while the cache has it; a page reads the others.
/// </summary>
internal sealed class RunSearcher(FileLayout layout, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int Retries = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    private readonly OpenSearches _open = new(clock);
    private readonly RunCache _cache = new(clock, () => FileSystemTrust.ShowsChangesAtOnce(layout.Root));

    /// <exception cref="ArgumentException">The filter, the order or the page token is malformed.</exception>
    public Page<RunSnapshot> Search(RunQuery query, string? pageToken, CancellationToken cancellationToken)
    {
        var search = RunSearch.Parse(query.Filter, query.OrderBy);
        var token = PageToken.Parse(pageToken);
        var question = string.Join('\n', [
            string.Join(',', query.ExperimentIds), query.View.ToString(), query.OnlyTag, query.Filter, .. query.OrderBy]);
        var id = token.Search;
        var hits = _open.Find(id, question);
        if (hits is null)
        {
            id = null;
            hits = FindAll(query, search, cancellationToken);
            search.Sort(hits, hit => hit.Keys);
        }

        if (token.IsFollowed(hits, query.PageSize))
        {
            id ??= _open.Keep(question, hits);
        }
        else
        {
            _open.Drop(id);
        }

        var page = (token with { Search = id }).Cut(hits, query.PageSize);
        return new Page<RunSnapshot>(ReadPage(page.Items, query, search, cancellationToken), page.NextPageToken);
    }

    public void Dispose()
    {
        _open.Dispose();
        _cache.Dispose();
    }

    /// <summary>What has to be read of a run to know whether, and where, it belongs. Tags always: a run without a name of its own has it there.</summary>
    private static RunParts PartsOf(RunSearch search) => RunParts.Tags
        | (search.AsksFor("metrics") ? RunParts.Metrics : RunParts.None)
        | (search.AsksFor("params") ? RunParts.Params : RunParts.None)
        | (search.AsksFor("datasets") ? RunParts.Inputs : RunParts.None);

    private static RunSnapshot Trim(RunSnapshot run, string onlyTag) => new()
    {
        Id = run.Id,
        Name = run.Name,
        ExperimentId = run.ExperimentId,
        Status = run.Status,
        StartTime = run.StartTime,
        EndTime = run.EndTime,
        UserId = run.UserId,
        ArtifactUri = run.ArtifactUri,
        LifecycleStage = run.LifecycleStage,
        Tags = run.Tags.TryGetValue(onlyTag, out var value)
            ? new Dictionary<string, string>(1) { [onlyTag] = value }
            : ReadOnlyDictionary<string, string>.Empty,
    };

    private List<RunHit> FindAll(RunQuery query, RunSearch search, CancellationToken cancellationToken)
    {
        var folders = query.ExperimentIds.Distinct()
            .Select(layout.FindExperimentFolder).OfType<string>()
            .SelectMany(FileLayout.ListRunFolders)
            .ToList();
        _cache.BeginSearch();
        var hits = new List<RunHit>();
        for (var left = Retries; folders.Count > 0; left--)
        {
            var again = new List<string>();
            var found = new RunHit?[folders.Count];
            ForAll(folders, isLast: left == 0, again, (reader, i) =>
            {
                // Where the cache is full, only what the search asks for is read: the page reads the rest of what it shows.
                var run = Find(reader, folders[i], query, PartsOf(search), out var isWhole, out var isCached);
                if (run is not null && search.Matches(run))
                {
                    // Of what is not in the cache, no more than a page is held.
                    var holds = isCached || (isWhole && i < query.PageSize);
                    found[i] = new RunHit(folders[i], search.KeysOf(run), query.OnlyTag is not null ? Trim(run, query.OnlyTag) : holds ? run : null);
                }
            }, cancellationToken);
            hits.AddRange(found.OfType<RunHit>());
            folders = again;
            if (folders.Count > 0)
            {
                // MLflow rewrites meta.yaml in place: what is empty or half now may be whole in a moment. One wait for all.
                Blocking.Pause(Pause, clock, cancellationToken);
            }
        }

        return hits;
    }

    /// <summary>The runs of a page; those that are read only now are left out where they are gone, or no longer what was searched for.</summary>
    private List<RunSnapshot> ReadPage(IReadOnlyList<RunHit> hits, RunQuery query, RunSearch search, CancellationToken cancellationToken)
    {
        if (hits.All(hit => hit.Run is not null))
        {
            return [.. hits.Select(hit => hit.Run!)];
        }

        var runs = new RunSnapshot?[hits.Count];
        ForAll([.. hits.Select(hit => hit.Folder)], isLast: true, [], (reader, i) =>
        {
            runs[i] = hits[i].Run ?? (reader.Read(hits[i].Folder, query.View) is { } run && search.Matches(run) ? run : null);
        }, cancellationToken);
        return [.. runs.OfType<RunSnapshot>()];
    }

    /// <summary>The run in a folder; null when the view leaves it out.</summary>
    /// <param name="reader">What reads it, where it is not in the cache.</param>
    /// <param name="folder">Where it is.</param>
    /// <param name="query">What is searched for.</param>
    /// <param name="wanted">What is wanted of it at least.</param>
    /// <param name="isWhole">Whether all of the run was read.</param>
    /// <param name="isCached">Whether it is in the cache, so that a hit which holds it takes no more memory.</param>
    private RunSnapshot? Find(RunReader reader, string folder, RunQuery query, RunParts wanted, out bool isWhole, out bool isCached)
    {
        (isWhole, isCached) = (true, true);
        if (_cache.Find(folder) is { } known)
        {
            return query.View.Includes(known.LifecycleStage) ? known : null;
        }

        isCached = false;
        if (!_cache.HasRoom)
        {
            isWhole = false;
            return reader.Read(folder, query.View, wanted);
        }

        var stamps = new RunStamps(folder);
        var now = clock.GetUtcNow();
        var run = reader.Read(folder, query.View, RunParts.All, stamps);
        isCached = run is not null && _cache.TryAdd(folder, run, stamps, now);
        return run;
    }

    /// <summary>Does something for each folder, on all cores. Runs that are gone or damaged are passed over.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="isLast">Whether there is no further try for a run that somebody may be writing.</param>
    /// <param name="again">Takes the folders that are worth another try.</param>
    /// <param name="action">What to do, with a reader of the thread and the place of the folder.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private void ForAll(
        List<string> folders, bool isLast, List<string> again, Action<RunReader, int> action, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, folders.Count, options, () => new RunReader(logger), (i, _, reader) =>
        {
            try
            {
                action(reader, i);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // No run, or removed since it was listed.
            }
            catch (InvalidDataException) when (!isLast && MetaFile.IsFresh(folders[i], clock))
            {
                lock (again)
                {
                    again.Add(folders[i]);
                }
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                logger.LogWarning(e, "The damaged run {Folder} was skipped.", folders[i]);
            }

            return reader;
        }, reader => reader.Dispose());
    }
}
