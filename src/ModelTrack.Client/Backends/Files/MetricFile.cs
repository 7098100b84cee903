using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>The file of one metric: every point that was logged, in that order.</summary>
internal static class MetricFile
{
    private const int PointsAtOnce = 1024;

    /// <summary>The latest point: the greatest by step, then timestamp, then value. Null when there is none.</summary>
    public static MetricPoint? ReadLatest(MetricLineReader reader, string path, ILogger logger)
    {
        MetricPoint? latest = null;
        reader.Open(path);
        try
        {
            while (reader.TryRead(out var point))
            {
                if (latest is not { } best || MetricOrder.IsLater(point, best))
                {
                    latest = point;
                }
            }
        }
        finally
        {
            reader.Close();
        }

        WarnOfDamage(reader, path, logger);
        return latest;
    }

    /// <summary>All points, in the order in which they were logged; none where there is no such file.</summary>
    /// <param name="find">Says which file, when the reading begins.</param>
    /// <param name="logger">Hears of damaged lines.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<MetricPoint> ReadHistoryAsync(
        Func<string> find, ILogger logger, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var path = find();
        if (!File.Exists(path))
        {
            yield break;
        }

        using var reader = new MetricLineReader();
        var points = new MetricPoint[PointsAtOnce];
        reader.Open(path);
        int count;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            count = 0;
            while (count < points.Length && reader.TryRead(out points[count]))
            {
                count++;
            }

            for (var i = 0; i < count; i++)
            {
                yield return points[i];
            }
        }
        while (count == points.Length);
        WarnOfDamage(reader, path, logger);
    }

    private static void WarnOfDamage(MetricLineReader reader, string path, ILogger logger)
    {
        if (reader.DamagedLines > 0)
        {
            logger.LogWarning(
                "{Lines} damaged lines of the metric file {Path} were skipped. MLflow itself does not open a run with such a file.",
                reader.DamagedLines, path);
        }
    }
}
