namespace ModelTrack.Client;

/// <summary>
/// The keys of one kind in a run whose store keeps them as file paths, where `a` and `a/b` cannot stand side by side. Not safe for
/// concurrent use.
/// </summary>
internal sealed class KeyTree(string kind)
{
    private readonly HashSet<string> _keys = [];
    private readonly HashSet<string> _folders = [];

    /// <exception cref="ArgumentException">The key is a folder of another key, or the other way round.</exception>
    public void Add(string key)
    {
        if (!_keys.Contains(key))
        {
            Check(key);
            Learn(key);
        }
    }

    /// <summary>Takes a key that is there, whatever it is.</summary>
    public void Learn(string key)
    {
        if (_keys.Add(key))
        {
            foreach (var folder in Folders(key))
            {
                _folders.Add(folder);
            }
        }
    }

    /// <summary>Forgets a key. Its folders stay: whether they could go in the store as well is not known here.</summary>
    public void Remove(string key) => _keys.Remove(key);

    /// <summary>Throws what adding them one after the other would throw, and adds none.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Add"/>.</exception>
    public void CheckAll(IReadOnlyCollection<string> keys)
    {
        KeyTree? together = null;
        foreach (var key in keys)
        {
            if (!_keys.Contains(key))
            {
                Check(key);
                (together ??= new KeyTree(kind)).Add(key);
            }
        }
    }

    private void Check(string key)
    {
        Rules.CheckFileKey(key);
        if (_folders.Contains(key))
        {
            var below = _keys.FirstOrDefault(other => other.StartsWith(key + "/", StringComparison.Ordinal)) ?? key + "/…";
            throw Conflict(key, below, key);
        }

        foreach (var folder in Folders(key))
        {
            if (_keys.Contains(folder))
            {
                throw Conflict(key, key, folder);
            }
        }
    }

    private ArgumentException Conflict(string key, string inner, string outer) => new(
        $"In a folder of runs keys are file paths, so the {kind} keys '{outer}' and '{inner}' cannot both exist in one run: "
        + $"'{outer}' would be a file and a folder.",
        nameof(key));

    private static IEnumerable<string> Folders(string key)
    {
        for (var at = key.IndexOf('/'); at >= 0; at = key.IndexOf('/', at + 1))
        {
            yield return key[..at];
        }
    }
}
