namespace ModelTrack.Client;

/// <summary>
/// What has been logged to a live run, as far as later calls depend on it: a param is written once, and where keys are paths <c>a</c> and
/// <c>a/b</c> exclude each other. Shared by all handles on one run. Used under the journal's lock.
/// </summary>
internal sealed class RunKeys(bool arePaths)
{
    private readonly Dictionary<string, string> _params = [];
    private readonly KeyTree? _paramTree = arePaths ? new KeyTree("param") : null;
    private readonly KeyTree? _metricTree = arePaths ? new KeyTree("metric") : null;
    private readonly KeyTree? _tagTree = arePaths ? new KeyTree("tag") : null;

    /// <summary>Takes in what the store has, which may be more than was logged here.</summary>
    public void Learn(RunSnapshot stored)
    {
        foreach (var (key, value) in stored.Params)
        {
            if (_params.TryAdd(key, value))
            {
                _paramTree?.Learn(key);
            }
        }

        foreach (var key in stored.Metrics.Keys)
        {
            _metricTree?.Learn(key);
        }

        foreach (var key in stored.Tags.Keys)
        {
            _tagTree?.Learn(key);
        }
    }

    /// <summary>False when the param has just this value already, so that nothing is to be recorded.</summary>
    /// <exception cref="ModelTrackException">It has another value.</exception>
    public bool TryAddParam(string key, string value)
    {
        if (!IsNewParam(_params, key, value))
        {
            return false;
        }

        _paramTree?.Add(key);
        _params.Add(key, value);
        return true;
    }

    public void AddMetric(string key) => _metricTree?.Add(key);

    public bool AddTag(string key)
    {
        _tagTree?.Add(key);
        return true;
    }

    public bool RemoveTag(string key)
    {
        _tagTree?.Remove(key);
        return true;
    }

    /// <summary>Throws what adding them one after the other would throw, and adds none.</summary>
    public void CheckParams(IReadOnlyCollection<KeyValuePair<string, string>> values)
    {
        var together = new Dictionary<string, string>();
        foreach (var (key, value) in values)
        {
            IsNewParam(_params, key, value);
            IsNewParam(together, key, value);
            together[key] = value;
        }

        _paramTree?.CheckAll(together.Keys);
    }

    public void CheckMetrics(IReadOnlyCollection<string> keys) => _metricTree?.CheckAll(keys);

    public void CheckTags(IReadOnlyCollection<string> keys) => _tagTree?.CheckAll(keys);

    private static bool IsNewParam(Dictionary<string, string> known, string key, string value)
    {
        if (!known.TryGetValue(key, out var old))
        {
            return true;
        }

        return old == value
            ? false
            : throw new ModelTrackException(
                ErrorCode.InvalidParameterValue,
                $"A param is written once: '{key}' is {Excerpt.Of(old)} already and cannot become {Excerpt.Of(value)}.");
    }
}
