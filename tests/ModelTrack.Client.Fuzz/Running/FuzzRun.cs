using System.Diagnostics;
using System.Globalization;
using ModelTrack.Client.Fuzz.Targets;

namespace ModelTrack.Client.Fuzz.Running;

/// <summary>
/// Gives a target inputs, one after the other, each made from one that is known: from its seeds, and from those whose outcome was new.
/// The same seed gives the same inputs in the same order.
/// </summary>
internal sealed class FuzzRun
{
    /// <summary>A reader may take so long; what takes longer does not end, or is not linear.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const int MaxKept = 1000;

    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly LastInput? _lastInput;
    private readonly List<byte[]> _pool;
    private readonly int _seeds;
    private readonly HashSet<string> _shapes = [];
    private readonly long[] _depths = new long[3];
    private TimeSpan _longest;
    private double _mostAllocated;
    private long _inputs;

    /// <param name="target">What is given the inputs.</param>
    /// <param name="seed">Of the random numbers.</param>
    /// <param name="lastInput">Remembers each input before it is read, where the process may not survive it.</param>
    public FuzzRun(FuzzTarget target, int seed, LastInput? lastInput = null)
    {
        _target = target;
        _random = new Random(seed);
        _lastInput = lastInput;
        _pool = [.. target.Seeds()];
        _seeds = _pool.Count;
    }

    /// <exception cref="FindingException">An input was not treated as it should be.</exception>
    public FuzzReport RunInputs(int count) => Run(() => _inputs < count);

    /// <inheritdoc cref="RunInputs"/>
    public FuzzReport RunFor(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        return Run(() => Stopwatch.GetElapsedTime(start) < time);
    }

    /// <summary>Reads one input, and checks what it took.</summary>
    /// <exception cref="FindingException">It was not treated as it should be.</exception>
    public Outcome Try(byte[] input)
    {
        _lastInput?.Remember(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Outcome outcome;
        try
        {
            outcome = _target.Read(input);
        }
        catch (Exception e) when (e is not FindingException)
        {
            throw Finding(input, $"it ended with {e.GetType().Name}: {e.Message}", e);
        }
        catch (FindingException e)
        {
            throw Finding(input, e.Message, e);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        _longest = elapsed > _longest ? elapsed : _longest;
        _mostAllocated = Math.Max(_mostAllocated, Math.Max(0, allocated - FuzzTarget.FreeBytes) / (double)(input.Length + 1));
        if (allocated > FuzzTarget.FreeBytes + ((long)_target.BytesPerByte * input.Length))
        {
            throw Finding(input, string.Create(CultureInfo.InvariantCulture, $"it took {allocated} bytes of memory"), null);
        }

        return elapsed > Patience
            ? throw Finding(input, string.Create(CultureInfo.InvariantCulture, $"it took {elapsed.TotalSeconds:F1} s"), null)
            : outcome;
    }

    private FuzzReport Run(Func<bool> goesOn)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var seed in _pool.ToArray())
        {
            Count(Try(seed));
        }

        while (goesOn())
        {
            var input = _target.Next(_random, _pool);
            var outcome = Try(input);
            if (Count(outcome) && outcome.Depth != Depth.Refused)
            {
                Keep(input);
            }
        }

        return new FuzzReport(
            _target.Name, _inputs, Stopwatch.GetElapsedTime(start), _depths[(int)Depth.Partial], _depths[(int)Depth.Read],
            _shapes.Count, _longest, _mostAllocated);
    }

    private bool Count(Outcome outcome)
    {
        _inputs++;
        _depths[(int)outcome.Depth]++;
        return _shapes.Count < 100_000 && _shapes.Add(outcome.Shape);
    }

    private void Keep(byte[] input)
    {
        if (_pool.Count < _seeds + MaxKept)
        {
            _pool.Add(input);
        }
        else
        {
            _pool[_seeds + _random.Next(MaxKept)] = input;
        }
    }

    private FindingException Finding(byte[] input, string what, Exception? cause)
    {
        var text = Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 300)));
        return new FindingException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{_target.Name}: an input of {input.Length} bytes is not treated as it should be: {what}\n  base64: {text}\n  text: ")
            + Excerpt.Of(System.Text.Encoding.UTF8.GetString(input)),
            cause)
        { Data = { ["input"] = input } };
    }
}
