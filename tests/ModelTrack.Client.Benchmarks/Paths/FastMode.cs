namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>Whole paths, each beside its baseline, in under a minute.</summary>
internal static class FastMode
{
    /// <param name="part">Measures only figures of groups whose name contains it; empty: all.</param>
    /// <returns>The exit code: 0 when every limit is met.</returns>
    public static async Task<int> RunAsync(string part)
    {
        using var scratch = new ScratchFolder();
        var met = true;
        foreach (var (_, measure) in Groups(scratch).Where(group => group.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            await foreach (var figure in measure())
            {
                met &= figure.Met;
                Console.WriteLine(figure);
            }
        }

        return met ? 0 : 1;
    }

    private static IEnumerable<(string Name, Func<IAsyncEnumerable<Figure>> Measure)> Groups(ScratchFolder scratch)
    {
        yield return ("calls", () => LogCalls.Measure().ToAsyncEnumerable());
        yield return ("files", () => One(() => Task.FromResult(EndToEnd.Measure(scratch.New("end-to-end")))));
        yield return ("rest", () => One(() => ServerEndToEnd.MeasureAsync(scratch.New("server"))));
        yield return ("proxy", () => ProxyTransfer.MeasureAsync(scratch.New("transfer")));
        yield return ("history", () => One(() => History.MeasureAsync(scratch.New("history"))));
        yield return ("model", () => One(() => CachedModel.MeasureAsync(scratch.New("model"))));
        yield return ("first", () => One(() => Task.FromResult(FirstRun.Measure(scratch.New("first")))));
        yield return ("search", SearchAsync);
    }

    private static async IAsyncEnumerable<Figure> SearchAsync()
    {
        using var manyFiles = ScratchFolder.ForManyFiles();
        await foreach (var figure in Search.MeasureAsync(manyFiles.New("search")))
        {
            yield return figure;
        }
    }

    private static async IAsyncEnumerable<Figure> One(Func<Task<Figure>> measure)
    {
        yield return await measure();
    }
}
