using System.Runtime.InteropServices;

namespace ModelTrack.Client;

/// <summary>
/// Finds the points of one metric that the target lacks, whatever their number, with the memory of a page. As a rule what the target has is
/// how the source begins, and the rest is what it lacks. Where it is not (a database sorts, somebody else wrote too, points were logged out
/// of order) points are compared as a bag, a part of them after the other.
/// </summary>
/// <param name="source">Reads the source's points from the first.</param>
/// <param name="target">Reads the target's points from the first; null: it has none.</param>
/// <param name="isMerging">Whether one of the two stores keeps equal points once.</param>
/// <param name="add">Takes a point that the target lacks, in the source's order as far as that is known.</param>
internal sealed class HistoryCopy(
    Func<IAsyncEnumerable<MetricPoint>> source,
    Func<IAsyncEnumerable<MetricPoint>>? target,
    bool isMerging,
    Func<MetricPoint, ValueTask> add)
{
    /// <summary>How many points are held at a time, about 50 MB; runs that are copied side by side share it.</summary>
    public const int MostHeld = 1 << 19;

    /// <returns>How many points the target has that the source does not have.</returns>
    public async Task<long> RunAsync(int mostHeld = MostHeld)
    {
        if (target is null)
        {
            await AddBehindAsync(0).ConfigureAwait(false);
            return 0;
        }

        var look = await LookAsync().ConfigureAwait(false);
        if (look is { LeftInTarget: 0, IsSorted: true })
        {
            if (look.LeftInSource > 0)
            {
                await AddBehindAsync(look.Equal).ConfigureAwait(false);
            }

            return 0;
        }

        // A point that is there already may come again behind those that are equal in both, if equal ones are one.
        var equal = isMerging ? 0 : look.Equal;
        var parts = (int)((look.LeftInSource + look.LeftInTarget + (look.Equal - equal)) / mostHeld) + 1;
        var surplus = 0L;
        for (var part = 0; part < parts; part++)
        {
            surplus += await AddPartAsync(equal, part, parts).ConfigureAwait(false);
        }

        return surplus;
    }

    private async Task AddBehindAsync(long equal)
    {
        var points = Read(source).GetAsyncEnumerator();
        await using (points.ConfigureAwait(false))
        {
            while (await points.MoveNextAsync().ConfigureAwait(false))
            {
                if (equal-- <= 0)
                {
                    await add(points.Current.Point).ConfigureAwait(false);
                }
            }
        }
    }

    /// <param name="Equal">How many points both begin with.</param>
    /// <param name="LeftInSource">How many the source has behind them.</param>
    /// <param name="LeftInTarget">How many the target has behind them.</param>
    /// <param name="IsSorted">Points that equal each other cannot be apart in the source; true where that does not matter.</param>
    private readonly record struct Look(long Equal, long LeftInSource, long LeftInTarget, bool IsSorted);

    private async Task<Look> LookAsync()
    {
        var (equal, leftInSource, leftInTarget) = (0L, 0L, 0L);
        var isSorted = true;
        PointKey? last = null;
        var theirs = Read(target!).GetAsyncEnumerator();
        await using (theirs.ConfigureAwait(false))
        {
            var hasTheirs = await theirs.MoveNextAsync().ConfigureAwait(false);
            await foreach (var (key, _) in Read(source).ConfigureAwait(false))
            {
                isSorted &= !isMerging || last is not { } before || key.IsBehind(before);
                last = key;
                if (leftInSource == 0 && hasTheirs && theirs.Current.Key == key)
                {
                    equal++;
                    hasTheirs = await theirs.MoveNextAsync().ConfigureAwait(false);
                }
                else
                {
                    leftInSource++;
                }
            }

            for (; hasTheirs; hasTheirs = await theirs.MoveNextAsync().ConfigureAwait(false))
            {
                leftInTarget++;
            }
        }

        return new Look(equal, leftInSource, leftInTarget, isSorted || leftInSource == 0);
    }

    private async Task<long> AddPartAsync(long equal, int part, int parts)
    {
        var counts = new Dictionary<PointKey, int>();
        var skip = equal;
        await foreach (var (key, _) in Read(target!).ConfigureAwait(false))
        {
            if (skip-- <= 0 && IsIn(key, part, parts))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;
            }
        }

        // Of equal points that are one in the target all are found there, and the first one is missing for all.
        var seen = isMerging ? new HashSet<PointKey>() : null;
        skip = equal;
        await foreach (var (key, point) in Read(source).ConfigureAwait(false))
        {
            if (skip-- > 0 || !IsIn(key, part, parts))
            {
                continue;
            }

            if (seen is not null)
            {
                if (seen.Add(key) && !counts.ContainsKey(key))
                {
                    await add(point).ConfigureAwait(false);
                }
            }
            else if (counts.TryGetValue(key, out var count) && count > 0)
            {
                counts[key] = count - 1;
            }
            else
            {
                await add(point).ConfigureAwait(false);
            }
        }

        return seen is not null ? counts.Keys.LongCount(key => !seen.Contains(key)) : counts.Values.Sum(count => (long)count);
    }

    private static bool IsIn(PointKey key, int part, int parts) => parts == 1 || (int)((uint)key.GetHashCode() % (uint)parts) == part;

    /// <summary>The points with their keys; where equal points are one, without those that follow an equal one.</summary>
    private async IAsyncEnumerable<(PointKey Key, MetricPoint Point)> Read(Func<IAsyncEnumerable<MetricPoint>> read)
    {
        PointKey? last = null;
        await foreach (var point in read().ConfigureAwait(false))
        {
            var key = PointKey.Of(point, isMerging);
            if (!isMerging || key != last)
            {
                yield return (key, point);
            }

            last = key;
        }
    }
}
