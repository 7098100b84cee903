using System.Collections.ObjectModel;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Lifetime;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Searches runs: reads all of the experiments' runs, on all cores, and filters and sorts them in memory as MLflow does.</summary>
internal sealed class RunSearcher(FileLayout layout, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int Retries = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    private readonly OpenSearches _open = new(clock);

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
            hits = ReadAll(query, search, cancellationToken);
            search.Sort(hits);
        }

        if (token.IsFollowed(hits, query.PageSize))
        {
            id ??= _open.Keep(question, hits);
        }
        else
        {
            _open.Drop(id);
        }

        return (token with { Search = id }).Cut(hits, query.PageSize);
    }

    public void Dispose() => _open.Dispose();

    private static RunSnapshot Trim(RunSnapshot run, string? onlyTag) => onlyTag is null
        ? run
        : new RunSnapshot
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

    private List<RunSnapshot> ReadAll(RunQuery query, RunSearch search, CancellationToken cancellationToken)
    {
        var folders = query.ExperimentIds.Distinct()
            .Select(layout.FindExperimentFolder).OfType<string>()
            .SelectMany(FileLayout.ListRunFolders)
            .ToList();
        var hits = new List<RunSnapshot>();
        for (var left = Retries; folders.Count > 0; left--)
        {
            folders = ReadOnce(folders, query, search, hits, isLast: left == 0, cancellationToken);
            if (folders.Count > 0)
            {
                // MLflow rewrites meta.yaml in place: what is empty or half now may be whole in a moment. One wait for all.
                Blocking.Pause(Pause, clock, cancellationToken);
            }
        }

        return hits;
    }

    /// <returns>The folders that are worth another try.</returns>
    private List<string> ReadOnce(
        List<string> folders, RunQuery query, RunSearch search, List<RunSnapshot> hits, bool isLast, CancellationToken cancellationToken)
    {
        var found = new RunSnapshot?[folders.Count];
        var again = new List<string>();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, folders.Count, options, () => new RunReader(logger), (i, _, reader) =>
        {
            try
            {
                found[i] = reader.Read(folders[i], query.View) is { } run && search.Matches(run) ? Trim(run, query.OnlyTag) : null;
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
        hits.AddRange(found.OfType<RunSnapshot>());
        return again;
    }
}
