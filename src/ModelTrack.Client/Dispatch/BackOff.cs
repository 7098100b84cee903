namespace ModelTrack.Client.Dispatch;

/// <summary>
/// How long to wait before the next try: doubling from <see cref="First"/> to <see cref="Longest"/>, each time a random part of it, so that
/// many clients do not come back at once. Knows no clock and does not wait.
/// </summary>
internal sealed class BackOff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private int _failures;

    public int Failures => _failures;

    /// <summary>Counts a failure and gives the wait after it: at least half of the full step.</summary>
    public TimeSpan Next()
    {
        var full = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 30)));
        _failures++;
        return TimeSpan.FromMilliseconds(full * (0.5 + (random.NextDouble() / 2)));
    }
}
