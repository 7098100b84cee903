using System.Collections.Concurrent;

namespace ModelTrack.Client.Backends.Files.Search;

/// <summary>
/// Runs as they were read by searches of this process: a run takes some 25 files to read, but fewer and cheaper looks to see that it
/// is as it was. What others write is seen, since nothing is taken from here without that look. Where a look tells nothing, on a network's file
/// system, it only bounds what a search holds, and forgets it when the next one begins. Safe for several threads.
/// </summary>
internal sealed class RunCache(TimeProvider clock, Func<bool> showsChanges, long byteCap = RunCache.DefaultByteCap) : IDisposable
{
    /// <summary>Some 15,000 runs of ten params and ten metrics.</summary>
    public const long DefaultByteCap = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A change within the same tick of the file system's clock as the one before it can leave the stamp as it was. What was changed so
    /// recently is therefore not kept.
    /// </summary>
    private static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, CachedRun> _runs = new();
    private readonly object _gate = new();
    private long _bytes;
    private int _search;
    private long _lastUse;
    private bool? _showsChanges;
    private ITimer? _timer;

    /// <summary>Whether a further run would find room.</summary>
    public bool HasRoom => Interlocked.Read(ref _bytes) < byteCap;

    /// <summary>How many runs are kept.</summary>
    public int Count => _runs.Count;

    /// <summary>A search begins. Where there is no room, what the last one did not use goes.</summary>
    public void BeginSearch()
    {
        lock (_gate)
        {
            _lastUse = clock.GetTimestamp();
            _timer ??= clock.CreateTimer(_ => DropUnused(), null, Patience, Patience);
            if (!(_showsChanges ??= showsChanges()))
            {
                DropAll();
            }
            else if (!HasRoom)
            {
                foreach (var (folder, cached) in _runs)
                {
                    if (cached.LastSearch < _search)
                    {
                        Drop(folder, cached);
                    }
                }
            }

            _search++;
        }
    }

    /// <summary>The run in a folder, if it is as it was when it was read.</summary>
    public RunSnapshot? Find(string runFolder)
    {
        if (_showsChanges != true || !_runs.TryGetValue(runFolder, out var cached))
        {
            return null;
        }

        if (!cached.Stamps.StillHold(cached.Run))
        {
            Drop(runFolder, cached);
            return null;
        }

        cached.LastSearch = _search;
        return cached.Run;
    }

    /// <summary>Keeps a run; false where there is no room, or its stamps would not tell of every change.</summary>
    /// <param name="runFolder">Where it is.</param>
    /// <param name="run">The whole run.</param>
    /// <param name="stamps">The stamps that were taken while it was read.</param>
    /// <param name="readAt">When the reading began.</param>
    public bool TryAdd(string runFolder, RunSnapshot run, RunStamps stamps, DateTimeOffset readAt)
    {
        if (!stamps.IsWhole || stamps.Latest > (readAt - Unsettled).UtcTicks || !HasRoom)
        {
            return false;
        }

        var added = new CachedRun(run, stamps) { LastSearch = _search };
        if (!_runs.TryAdd(runFolder, added))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, added.Bytes);
        return true;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
            DropAll();
        }
    }

    private void DropUnused()
    {
        lock (_gate)
        {
            if (clock.GetElapsedTime(_lastUse) >= Patience)
            {
                DropAll();
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    private void DropAll()
    {
        foreach (var (folder, cached) in _runs)
        {
            Drop(folder, cached);
        }
    }

    private void Drop(string folder, CachedRun cached)
    {
        if (_runs.TryRemove(KeyValuePair.Create(folder, cached)))
        {
            Interlocked.Add(ref _bytes, -cached.Bytes);
        }
    }
}
