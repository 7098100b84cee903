using System.Diagnostics;
using System.Globalization;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>
/// Points from LogMetric into the files of the folder, beside a bare writer that formats the same lines into files: four metrics with
/// values that need all their digits, as losses do.
/// </summary>
internal static class EndToEnd
{
    private const int Points = 2_000_000;
    private const int Rounds = 3;

    private static readonly string[] Keys = ["loss", "accuracy", "val/loss", "val/accuracy"];

    public static Figure Measure(string folder)
    {
        var (ours, bare) = (new Samples(), new Samples());
        using var tracker = new Tracker(Path.Combine(folder, "mlruns"));
        for (var round = -1; round < Rounds; round++)
        {
            var run = tracker.StartRun();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Points; i++)
            {
                run.LogMetric(Keys[i & 3], ValueAt(i), i);
            }

            var report = tracker.FlushAsync().GetAwaiter().GetResult();
            var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Require(report.Pending == 0 && report.Rejected == 0, $"{report} after a flush");
            run.Dispose();
            if (round >= 0)
            {
                ours.Add(Points / time);
            }

            start = Stopwatch.GetTimestamp();
            WriteBare(Path.Combine(folder, $"bare{round}"));
            if (round >= 0)
            {
                bare.Add(Points / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return Figure.AtLeast("file backend, logged to on disk", ours.Median, "points/s", 3_000_000, bare.Median, ratio: 0.3);
    }

    /// <summary>Digits without end, and quick to make.</summary>
    public static double ValueAt(int i) => 1 / (1 + (i * 0.001));

    private static void WriteBare(string folder)
    {
        Directory.CreateDirectory(folder);
        var files = Keys
            .Select(key => new FileStream(Path.Combine(folder, key.Replace('/', '-')), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            .ToArray();
        Span<byte> line = stackalloc byte[128];
        for (var i = 0; i < Points; i++)
        {
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            files[i & 3].Write(line[..Format(now, ValueAt(i), i, line)]);
        }

        Array.ForEach(files, file => file.Dispose());
    }

    /// <summary>A line of a metric file with nothing but the base library.</summary>
    public static int Format(long timestamp, double value, long step, Span<byte> line)
    {
        timestamp.TryFormat(line, out var length, default, CultureInfo.InvariantCulture);
        line[length++] = (byte)' ';
        value.TryFormat(line[length..], out var written, default, CultureInfo.InvariantCulture);
        length += written;
        line[length++] = (byte)' ';
        step.TryFormat(line[length..], out written, default, CultureInfo.InvariantCulture);
        length += written;
        line[length++] = (byte)'\n';
        return length;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
