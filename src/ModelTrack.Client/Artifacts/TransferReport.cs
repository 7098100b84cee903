namespace ModelTrack.Client;

/// <summary>Makes one progress of the progress of several files. Safe for calls from several threads.</summary>
internal sealed class TransferReport(IProgress<TransferProgress>? progress, int filesTotal)
{
    /// <summary>Whoever watches wants to see it move, not each buffer.</summary>
    private const long Step = 1 << 20;

    private int _filesDone;

    /// <summary>Told of the bytes of one file; null when nobody watches.</summary>
    public IProgress<long>? Of(string path, long? size) => progress is null ? null : new OneFile(this, path, size);

    public void Complete(string path, long size)
    {
        var done = Interlocked.Increment(ref _filesDone);
        progress?.Report(new TransferProgress(path, size, size, done, filesTotal));
    }

    private sealed class OneFile(TransferReport report, string path, long? size) : IProgress<long>
    {
        private long _reported;

        public void Report(long value)
        {
            if (value - Volatile.Read(ref _reported) is >= 0 and < Step)
            {
                return;
            }

            Volatile.Write(ref _reported, value);
            report.Report(path, value, size);
        }
    }

    private void Report(string path, long bytes, long? size)
        => progress!.Report(new TransferProgress(path, bytes, size, Volatile.Read(ref _filesDone), filesTotal));
}
