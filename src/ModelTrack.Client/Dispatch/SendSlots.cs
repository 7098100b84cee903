namespace ModelTrack.Client.Dispatch;

/// <summary>
/// How much of the store may be used at once: so many runs side by side, and while the store is away one try at a time, when its wait is
/// over. Used by the dispatcher's loop alone.
/// </summary>
internal sealed class SendSlots(int count, TimeProvider clock)
{
    private BackOff _backOff = new(Random.Shared);
    private int _used;
    private long _awaySince;
    private TimeSpan? _wait;

    /// <summary>The latest answer, or the lack of one, says that the store is away for everybody.</summary>
    public bool IsAway => _wait is not null;

    public int Used => _used;

    /// <summary>How long until there is a slot; null when only the end of a send makes one free.</summary>
    public TimeSpan? NextFree => _wait is { } wait
        ? (_used == 0 ? Max(wait - clock.GetElapsedTime(_awaySince), TimeSpan.Zero) : null)
        : (_used < count ? TimeSpan.Zero : null);

    public bool TryTake()
    {
        if (NextFree != TimeSpan.Zero)
        {
            return false;
        }

        _used++;
        return true;
    }

    public void Give() => _used--;

    public void StoreAnswered()
    {
        _wait = null;
        _backOff = new BackOff(Random.Shared);
    }

    /// <summary>The wait after a failure: longer each time, and at least what the store asked for.</summary>
    public TimeSpan StoreIsAway(TimeSpan? asked)
    {
        // Those that were under way together count once.
        if (_wait is null || _used <= 1)
        {
            _wait = Max(_backOff.Next(), asked ?? TimeSpan.Zero);
            _awaySince = clock.GetTimestamp();
        }

        return _wait.Value;
    }

    /// <summary>Somebody waits: the store is tried at once.</summary>
    public void RetryNow()
    {
        if (_wait is not null)
        {
            _wait = TimeSpan.Zero;
        }
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
