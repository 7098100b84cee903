using System.Runtime.CompilerServices;
using BenchmarkDotNet.Running;
using ModelTrack.Client.Benchmarks.Paths;

namespace ModelTrack.Client.Benchmarks;

/// <summary>
/// <c>fast</c>: whole paths, one JSON object a line. <c>live</c>: against a real server. <c>sync</c>: copies of stores.
/// <c>growth</c>: how cost grows. Anything else goes to
/// BenchmarkDotNet. See README.md.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["fast"]:
                return await FastMode.RunAsync("");
            case ["fast", var part]:
                return await FastMode.RunAsync(part);
            case ["live", var address]:
                return await LiveServer.RunAsync(address, batchesPerRun: 8);
            case ["live", var address, var batches]:
                return await LiveServer.RunAsync(address, Number(batches));
            case ["growth"]:
                return await Growth.RunAsync("", 10_000_000);
            case ["growth", var part]:
                return await Growth.RunAsync(part, 10_000_000);
            case ["growth", var part, var points]:
                return await Growth.RunAsync(part, Number(points));
            case ["sync"]:
                return await SyncPaths.RunAsync(target: null, points: 2_000_000, runs: 10_000);
            case ["sync", var address, var points, var runs]:
                return await SyncPaths.RunAsync(address, Number(points), Number(runs));
            case [Child.Verb, var task, .. var rest]:
                return await Child.RunAsync(task, rest);
            default:
                RunBenchmarkDotNet(args);
                return 0;
        }
    }

    private static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    // Not inlined: a child process that measures a start must not load BenchmarkDotNet.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunBenchmarkDotNet(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
