namespace ModelTrack.Client;

/// <summary>Adds up the progress of a file's parts, which go in parallel.</summary>
internal sealed class PartsProgress(IProgress<long>? progress)
{
    private long _total;

    /// <summary>Told of the bytes of one part, counted from the part's beginning in each try; null when nobody watches.</summary>
    public Action<long>? OfPart()
    {
        if (progress is null)
        {
            return null;
        }

        var before = 0L;
        return now =>
        {
            var total = Interlocked.Add(ref _total, now - before);
            before = now;
            progress.Report(total);
        };
    }
}
