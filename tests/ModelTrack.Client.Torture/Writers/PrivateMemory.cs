using System.Globalization;

namespace ModelTrack.Client.Torture.Writers;

/// <summary>
/// What a process keeps in memory for itself: RssAnon of /proc/self/status. The mapped segments of a journal are not in it, and rightly so:
/// they are pages of files, which the kernel writes back and takes away as it likes (RssFile).
/// </summary>
internal sealed class PrivateMemory : IDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(20);

    private readonly Timer _timer;
    private long _most;

    /// <summary>Looks at it again and again from now on.</summary>
    public PrivateMemory() => _timer = new Timer(_ => Look(), null, TimeSpan.Zero, Often);

    /// <summary>The most that there was so far, in bytes.</summary>
    public long Most
    {
        get
        {
            Look();
            return Interlocked.Read(ref _most);
        }
    }

    /// <summary>In bytes; 0 where the system does not say.</summary>
    public static long Now => File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)) is { } line
        ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024
        : 0;

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = Now;
        lock (_timer)
        {
            _most = Math.Max(_most, now);
        }
    }
}
