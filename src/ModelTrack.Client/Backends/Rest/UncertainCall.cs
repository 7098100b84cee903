namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Calls that a server must not carry out twice. When one got no answer, or an error from a server that may have done it all the same,
/// somebody looks what became of it, and only then it is sent again.
/// </summary>
internal static class UncertainCall
{
    private const int Tries = 3;

    /// <summary>A request can still be under way in the server when its answer is given up, so the last look is a little later.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromSeconds(1)];

    /// <param name="send">
    /// Sends it once. Told whether it was sent before, in which case the server's "no" may mean that it has been done.
    /// </param>
    /// <param name="look">
    /// What the call was to bring about, if it is there; else null. Throws <c>RESOURCE_DOES_NOT_EXIST</c> if it cannot be done at all.
    /// </param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<T> RunAsync<T>(
        Func<bool, Task<T>> send, Func<Task<T?>> look, TimeProvider clock, CancellationToken cancellationToken)
        where T : class
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await send(tried > 1).ConfigureAwait(false);
            }
            catch (ModelTrackException e) when (e.MayBeApplied)
            {
                if (await LookAsync(look, e, clock, cancellationToken).ConfigureAwait(false) is { } done)
                {
                    return done;
                }

                if (tried == Tries || !e.IsTransient)
                {
                    throw;
                }
            }
        }
    }

    private static async Task<T?> LookAsync<T>(
        Func<Task<T?>> look, ModelTrackException failure, TimeProvider clock, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            foreach (var pause in Pauses)
            {
                await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
                if (await look().ConfigureAwait(false) is { } done)
                {
                    return done;
                }
            }

            return null;
        }
        catch (ModelTrackException e) when (e.ErrorCode != ErrorCode.ResourceDoesNotExist)
        {
            throw new ModelTrackException(
                failure.ErrorCode, $"{failure.Message} Whether it was done all the same could not be found out: {e.Message}", failure)
            {
                StatusCode = failure.StatusCode,
                IsTransient = failure.IsTransient,
                MayBeApplied = true,
                RetryAfter = failure.RetryAfter,
            };
        }
    }
}
