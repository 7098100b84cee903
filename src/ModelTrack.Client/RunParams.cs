namespace ModelTrack.Client;

/// <summary>The params of a live run, by which a changed one is refused at the call. Used under the journal's lock.</summary>
internal sealed class RunParams
{
    private readonly Dictionary<string, string> _values = [];
    private readonly KeyTree? _tree;

    public RunParams(KeyTree? tree, RunSnapshot? start)
    {
        _tree = tree;
        foreach (var (key, value) in start?.Params ?? new Dictionary<string, string>())
        {
            _tree?.Add(key);
            _values.Add(key, value);
        }
    }

    /// <summary>Whether the param is new; false when it has just this value already, so that nothing is to be recorded.</summary>
    /// <exception cref="ModelTrackException">It has another value.</exception>
    public bool IsNew(string key, string value)
    {
        if (_values.TryGetValue(key, out var old))
        {
            return old == value
                ? false
                : throw new ModelTrackException(
                    ErrorCode.InvalidParameterValue,
                    $"A param is written once: '{key}' is {Excerpt.Of(old)} already and cannot become {Excerpt.Of(value)}.");
        }

        _tree?.Add(key);
        return true;
    }

    /// <summary>The param has been recorded.</summary>
    public void Add(string key, string value) => _values.Add(key, value);
}
