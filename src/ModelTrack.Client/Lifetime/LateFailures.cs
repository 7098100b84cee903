namespace ModelTrack.Client.Lifetime;

/// <summary>
/// Runs that ended FINISHED by their Dispose where it could not be known whether an exception was passing. When an exception that was
/// thrown while such a run was open turns out to end the process, the run has failed.
/// </summary>
internal static class LateFailures
{
    /// <summary>An exception reaches the top of a program soon after it passed a `using`; older runs than these are not affected.</summary>
    private const int Remembered = 64;

    private static readonly Queue<Run> Ended = new();

    public static void Remember(Run run)
    {
        lock (Ended)
        {
            Ended.Enqueue(run);
            if (Ended.Count > Remembered)
            {
                Ended.Dequeue();
            }
        }
    }

    public static void Amend(Exception exception, long thrown)
    {
        Run[] runs;
        lock (Ended)
        {
            runs = [.. Ended.Where(run => run.WasOpenAt(thrown))];
        }

        foreach (var run in runs)
        {
            try
            {
                run.AmendToFailed(exception);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ModelTrackException)
            {
                // The store is away or the run gone; and the exception that ends the process must be the one that is seen.
            }
        }
    }
}
