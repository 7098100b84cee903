using System.Net;

namespace ModelTrack.Client.Dispatch;

/// <summary>
/// How long a request that got no answer may still be under way once the server answers again. Nobody tells: a server that was slow for a
/// minute or stood still, or a proxy that gave up on one, says nothing of when it will be done. As long again as the request had taken
/// is taken for enough, within limits. It counts from the first answer that comes afterwards, since a server that answers nothing does nothing;
/// and one that takes long for an answer takes long for what came before as well.
/// </summary>
internal static class LateAnswer
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestOfTheDead = TimeSpan.FromSeconds(4);

    /// <summary>Of what processes had under way when they died; one for all that are found at a time.</summary>
    public static LateWait OfTheDead() => new(LongestOfTheDead);

    /// <summary>For a failure of a request that began at a timestamp; null when it is over. A server that says 500 has done what it does.</summary>
    public static LateWait? Of(Exception failure, long began, TimeProvider clock)
    {
        if (!DeliveryFaults.MayBeStored(failure) || failure is ModelTrackException { StatusCode: HttpStatusCode.InternalServerError })
        {
            return null;
        }

        var taken = clock.GetElapsedTime(began);
        return new LateWait(taken < Shortest ? Shortest : taken > Longest ? Longest : taken);
    }

    /// <summary>
    /// Looks until the late request has had its time: as long as a look finds more than the one before, and twice more after that. A
    /// server may have stood still between two looks; hardly between all. A pause is never shorter than the look before it took.
    /// </summary>
    /// <param name="first">What was found at first.</param>
    /// <param name="look">Looks again.</param>
    /// <param name="isDone">Whether there is nothing more to wait for.</param>
    /// <param name="isSame">Whether nothing has changed between two looks.</param>
    /// <param name="late">How long it may still be under way; null: not at all.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<T> SettleAsync<T>(
        T first, Func<Task<T>> look, Func<T, bool> isDone, Func<T, T, bool> isSame, LateWait? late, TimeProvider clock, CancellationToken cancellationToken)
    {
        var pause = (late?.Begin(clock) ?? TimeSpan.Zero) / 2;
        for (var unchanged = 0; pause > TimeSpan.Zero && !isDone(first) && unchanged < 2;)
        {
            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
            var began = clock.GetTimestamp();
            var next = await look().ConfigureAwait(false);
            var taken = clock.GetElapsedTime(began);
            pause = taken > pause ? taken : pause;
            unchanged = isSame(first, next) ? unchanged + 1 : 0;
            first = next;
        }

        return first;
    }
}
