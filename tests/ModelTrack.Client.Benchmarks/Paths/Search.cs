namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>
/// A search over 10,000 runs of 10 params and 10 metrics that finds them all, in a fresh process, from its start to its end; beside a
/// process that only opens and reads the same files one after the other.
/// </summary>
internal static class Search
{
    public const int Runs = 10_000;
    private const int Rounds = 2;
    private const int AgainRounds = 3;

    public static async IAsyncEnumerable<Figure> MeasureAsync(string store)
    {
        RunStore.Write(store, Runs);
        var (ours, bare) = (new Samples(), new Samples());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(Child.Start("search", store));
        }

        bare.Add(Child.Start("read", store));

        yield return Figure.AtMost("search of 10,000 runs, all hits, fresh process", ours.Median / 1000, "s", 2 * bare.Median / 1000, bare.Median / 1000);

        var again = new Samples();
        using var tracker = new Tracker(store);
        await FindAllAsync(tracker, Runs);
        for (var round = 0; round < AgainRounds; round++)
        {
            await again.TimeAsync(() => FindAllAsync(tracker, Runs));
        }

        yield return Figure.AtMost("search of 10,000 runs, again in the same process", again.Median, "ms", 500, bare.Median);
    }

    /// <summary>In the child.</summary>
    public static async Task RunAsync(string store)
    {
        using var tracker = new Tracker(store);
        await FindAllAsync(tracker, Runs);
    }

    public static async Task FindAllAsync(Tracker tracker, int runs)
    {
        var (count, sum) = (0, 0.0);
        await foreach (var run in tracker.Runs.SearchAsync("bench", "metrics.metric0 > 0"))
        {
            count++;
            sum += run.Metrics["metric0"].Value;
        }

        if (count != runs || sum <= 0)
        {
            throw new InvalidOperationException($"{count} runs were found.");
        }
    }

    /// <summary>In the child: the baseline.</summary>
    public static void ReadAll(string store)
    {
        // Nothing but opening and reading: .NET would also lock and unlock each file.
        AppContext.SetSwitch("System.IO.DisableFileLocking", true);
        var buffer = new byte[1 << 16];
        var (files, bytes) = (0, 0L);
        foreach (var path in Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path);
            bytes += RandomAccess.Read(file, buffer, 0);
            files++;
        }

        if (files < Runs * 25 || bytes == 0)
        {
            throw new InvalidOperationException($"{files} files were read.");
        }
    }
}
