namespace ModelTrack.Client.Journal;

/// <summary>
/// The metric keys that a reader has met, by their numbers. Numbers come from the journal, whose bytes may be damaged: one that is high
/// takes no more memory than one that is low.
/// </summary>
internal sealed class KeyTable
{
    /// <summary>Numbers below it lie side by side. A journal counts its keys from 1 on, so that these are nearly all.</summary>
    private const int MaxDense = 1 << 14;

    private readonly Dictionary<int, ReadKey> _others = [];
    private ReadKey?[] _dense = new ReadKey?[64];

    /// <summary>The key of a number; null when no record has said it.</summary>
    public ReadKey? Find(int number)
        => (uint)number < (uint)_dense.Length ? _dense[number] : _others.Count > 0 ? _others.GetValueOrDefault(number) : null;

    public void Set(int number, string text)
    {
        if (Find(number) is { } known)
        {
            known.Text = text;
        }
        else if ((uint)number >= MaxDense)
        {
            _others[number] = new ReadKey { Text = text };
        }
        else
        {
            if (number >= _dense.Length)
            {
                // Never longer than that, or a number of the others would be looked for here.
                Array.Resize(ref _dense, Math.Min(Math.Max(number + 1, _dense.Length * 2), MaxDense));
            }

            _dense[number] = new ReadKey { Text = text };
        }
    }
}
