using System.Diagnostics;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>Repeated measurements of one thing. The median counts: on a machine with neighbours the mean is mostly theirs.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public double Median
    {
        get
        {
            var sorted = _values.Order().ToList();
            return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }

    public void Add(double value) => _values.Add(value);

    /// <summary>Adds how many milliseconds the code takes.</summary>
    public void Time(Action code)
    {
        var start = Stopwatch.GetTimestamp();
        code();
        Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    public async Task TimeAsync(Func<Task> code)
    {
        var start = Stopwatch.GetTimestamp();
        await code();
        Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
