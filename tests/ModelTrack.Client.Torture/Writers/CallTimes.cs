using System.Diagnostics;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>How long calls took: counted by the nanosecond up to ten microseconds, above that by the microsecond, so that ten million take no room.</summary>
internal sealed class CallTimes
{
    private const int Fine = 10_000;
    private const int Coarse = 100_000;

    private readonly int[] _fine = new int[Fine];
    private readonly int[] _coarse = new int[Coarse];
    private long _count;

    public TimeSpan Longest { get; private set; }

    /// <summary>In nanoseconds.</summary>
    public int Median
    {
        get
        {
            long seen = 0;
            for (var nanoseconds = 0; nanoseconds < Fine; nanoseconds++)
            {
                seen += _fine[nanoseconds];
                if (seen * 2 >= _count)
                {
                    return nanoseconds;
                }
            }

            return Fine;
        }
    }

    /// <summary>The share of calls that took less than a millisecond.</summary>
    public double UnderOneMillisecond => 1 - (_coarse.Skip(1000).Sum(count => (long)count) / (double)_count);

    public void Add(long startTimestamp, long endTimestamp)
    {
        var took = Stopwatch.GetElapsedTime(startTimestamp, endTimestamp);
        var nanoseconds = (endTimestamp - startTimestamp) * 1_000_000_000 / Stopwatch.Frequency;
        if (nanoseconds < Fine)
        {
            _fine[nanoseconds]++;
        }
        else
        {
            _coarse[Math.Min(nanoseconds / 1000, Coarse - 1)]++;
        }

        _count++;
        Longest = took > Longest ? took : Longest;
    }
}
