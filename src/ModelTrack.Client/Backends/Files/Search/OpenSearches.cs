namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>
/// The results of searches whose next page may be asked for. A search reads all runs of an experiment; without this, it would do
/// so for every page. What nobody asks for within a minute is let go.
/// </summary>
internal sealed class OpenSearches(TimeProvider clock) : IDisposable
{
    private const int MaxOpen = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (string Query, List<RunHit> Hits, long LastUse)> _open = [];
    private ITimer? _timer;

    /// <summary>The hits of an earlier search, if it asked the same.</summary>
    public List<RunHit>? Find(string? search, string query)
    {
        lock (_open)
        {
            if (search is null || !_open.TryGetValue(search, out var found) || found.Query != query)
            {
                return null;
            }

            _open[search] = (query, found.Hits, clock.GetTimestamp());
            return found.Hits;
        }
    }

    public string Keep(string query, List<RunHit> hits)
    {
        var search = Guid.NewGuid().ToString("N");
        lock (_open)
        {
            if (_open.Count == MaxOpen)
            {
                _open.Remove(_open.MinBy(e => e.Value.LastUse).Key);
            }

            _open[search] = (query, hits, clock.GetTimestamp());
            _timer ??= clock.CreateTimer(_ => DropOld(), null, Patience, Patience);
        }

        return search;
    }

    public void Drop(string? search)
    {
        lock (_open)
        {
            _open.Remove(search ?? "");
        }
    }

    public void Dispose()
    {
        lock (_open)
        {
            _open.Clear();
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void DropOld()
    {
        lock (_open)
        {
            foreach (var (search, entry) in _open.ToArray())
            {
                if (clock.GetElapsedTime(entry.LastUse) >= Patience)
                {
                    _open.Remove(search);
                }
            }

            if (_open.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }
}
