namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>Whole paths, each beside its baseline, in under a minute.</summary>
internal static class FastMode
{
    /// <returns>The exit code: 0 when every limit is met.</returns>
    public static async Task<int> RunAsync()
    {
        using var scratch = new ScratchFolder();
        var met = true;
        await foreach (var figure in FiguresAsync(scratch))
        {
            met &= figure.Met;
            Console.WriteLine(figure);
        }

        return met ? 0 : 1;
    }

    private static async IAsyncEnumerable<Figure> FiguresAsync(ScratchFolder scratch)
    {
        foreach (var figure in LogCalls.Measure())
        {
            yield return figure;
        }

        yield return EndToEnd.Measure(scratch.New("end-to-end"));
        yield return await ServerEndToEnd.MeasureAsync(scratch.New("server"));
        await foreach (var figure in ProxyTransfer.MeasureAsync(scratch.New("transfer")))
        {
            yield return figure;
        }

        yield return await History.MeasureAsync(scratch.New("history"));
        yield return await CachedModel.MeasureAsync(scratch.New("model"));
        yield return FirstRun.Measure(scratch.New("first"));
        using var manyFiles = ScratchFolder.ForManyFiles();
        yield return Search.Measure(manyFiles.New("search"));
    }
}
