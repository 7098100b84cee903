namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>What a program's first run costs: a process that starts a run, logs a metric and closes, over one that does nothing.</summary>
internal static class FirstRun
{
    private const int Rounds = 5;

    public static Figure Measure(string folder)
    {
        Directory.CreateDirectory(folder);
        var (ours, empty) = (new Samples(), new Samples());
        for (var round = -1; round < Rounds; round++)
        {
            var (time, nothing) = (Child.Start("first", Path.Combine(folder, $"mlruns{round}")), Child.Start("empty"));
            if (round >= 0)
            {
                ours.Add(time);
                empty.Add(nothing);
            }
        }

        var over = ours.Median - empty.Median;
        return Figure.AtMost("first StartRun + metric + Dispose, over an empty program", over, "ms", 100, empty.Median);
    }

    /// <summary>In the child.</summary>
    public static void Run(string store)
    {
        using var tracker = new Tracker(store);
        using var run = tracker.StartRun();
        run.LogMetric("loss", 0.5);
    }
}
