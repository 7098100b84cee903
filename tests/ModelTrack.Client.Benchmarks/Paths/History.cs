using System.Buffers.Text;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>Reads the history of one metric, beside a bare loop that reads the file and parses the same numbers.</summary>
internal static class History
{
    private const int Points = 1_000_000;
    private const int Rounds = 5;

    public static async Task<Figure> MeasureAsync(string store)
    {
        var runId = RunStore.Write(store, runs: 1).Single();
        var path = Path.Combine(store, RunStore.ExperimentId, runId, "metrics", "loss");
        WritePoints(path, Points);
        using var tracker = new Tracker(store);
        var (ours, bare) = (new Samples(), new Samples());
        for (var round = -1; round < Rounds; round++)
        {
            await (round >= 0 ? ours : new Samples()).TimeAsync(async () =>
            {
                var count = 0;
                await foreach (var point in tracker.Runs.GetMetricHistoryAsync(runId, "loss"))
                {
                    count += point.Value > 0 ? 1 : 0;
                }

                Require(count);
            });
            (round >= 0 ? bare : new Samples()).Time(() => Require(ReadBare(path)));
        }

        return Figure.AtMost("metric history, 1,000,000 points", ours.Median, "ms", 150, bare.Median);
    }

    private static int ReadBare(string path)
    {
        ReadOnlySpan<byte> text = File.ReadAllBytes(path);
        var count = 0;
        while (!text.IsEmpty)
        {
            var whole = Utf8Parser.TryParse(text, out long timestamp, out var used) && timestamp > 0;
            text = text[(used + 1)..];
            whole &= Utf8Parser.TryParse(text, out double value, out used) && value > 0;
            text = text[(used + 1)..];
            whole &= Utf8Parser.TryParse(text, out long step, out used) && step >= 0;
            text = text[(used + 1)..];
            count += whole ? 1 : 0;
        }

        return count;
    }

    /// <summary>A metric file, as MLflow writes it.</summary>
    public static void WritePoints(string path, int points)
    {
        using var file = new FileStream(path, FileMode.Create);
        Span<byte> line = stackalloc byte[128];
        for (var i = 0; i < points; i++)
        {
            file.Write(line[..EndToEnd.Format(1_700_000_000_000 + i, EndToEnd.ValueAt(i), i, line)]);
        }
    }

    private static void Require(int count)
    {
        if (count != Points)
        {
            throw new InvalidOperationException($"{count} points were read.");
        }
    }
}
