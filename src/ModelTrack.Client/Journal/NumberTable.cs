namespace ModelTrack.Client.Journal;

/// <summary>
/// What a reader has met, by the numbers that the journal gave it. Its bytes may be damaged: a number that is high takes no more memory than
/// one that is low.
/// </summary>
internal sealed class NumberTable<T>
    where T : class
{
    /// <summary>Numbers below it lie side by side. A journal counts from 1 on, so that these are nearly all.</summary>
    private const int MaxDense = 1 << 14;

    private readonly Dictionary<int, T> _others = [];
    private T?[] _dense = new T?[64];

    public T? Find(int number)
        => (uint)number < (uint)_dense.Length ? _dense[number] : _others.Count > 0 ? _others.GetValueOrDefault(number) : null;

    public void Set(int number, T value)
    {
        if ((uint)number >= MaxDense)
        {
            _others[number] = value;
            return;
        }

        if (number >= _dense.Length)
        {
            // Never longer than that, or a number of the others would be looked for here.
            Array.Resize(ref _dense, Math.Min(Math.Max(number + 1, _dense.Length * 2), MaxDense));
        }

        _dense[number] = value;
    }

    public void Clear()
    {
        _others.Clear();
        Array.Clear(_dense);
    }
}
