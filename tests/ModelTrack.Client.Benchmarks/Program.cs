using System.Runtime.CompilerServices;
using BenchmarkDotNet.Running;
using ModelTrack.Client.Benchmarks.Paths;

namespace ModelTrack.Client.Benchmarks;

/// <summary>
/// <c>fast</c>: whole paths, one JSON object a line. <c>live</c>: against a real server. <c>sync</c>: copies of stores. Anything else goes to
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
                return await LiveServer.RunAsync(address, int.Parse(batches, System.Globalization.CultureInfo.InvariantCulture));
            case ["sync", .. var rest]:
                return await SyncPaths.RunAsync(rest.ElementAtOrDefault(0), points: 2_000_000, runs: 10_000);
            case [Child.Verb, var task, .. var rest]:
                return await Child.RunAsync(task, rest);
            default:
                RunBenchmarkDotNet(args);
                return 0;
        }
    }

    // Not inlined: a child process that measures a start must not load BenchmarkDotNet.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunBenchmarkDotNet(string[] args) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
