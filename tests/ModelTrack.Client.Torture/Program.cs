using System.Diagnostics;
using System.Globalization;
using ModelTrack.Client.Fakes;
using ModelTrack.Client.Torture.Scenarios;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture;

/// <summary>Runs scenarios, one after the other, and says how they went. See README.md.</summary>
internal static class Program
{
    private static readonly List<IScenario> Scenarios =
    [
        new KillScenario("folder", 0.35, 0, (scratch, _) => Task.FromResult(Place.Folder(scratch))),
        new KillScenario("sql", 0.35, 0.5, (_, options) => Place.ServerAsync(StoreSemantics.Sql, options.Seed)),
        new KillScenario("filestore", 0.3, 0.5, (_, options) => Place.ServerAsync(StoreSemantics.FileStore, options.Seed)),
        new KillScenario("live", 1, 1, (_, options) => Task.FromResult(Place.Live(
            options.Target ?? throw new ArgumentException("The scenario live needs --target http://…"), options.Seed))),
        new DiskFullScenario(),
        new ReadOnlyScenario(),
        new FewHandlesScenario(),
        new OfflineScenario(),
    ];

    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case [WriterPlan.Verb, .. var rest]:
                return new Writer(WriterPlan.Parse(rest)).Run();
            case [OfflineWriter.Verb, var uri, var journals, var points]:
                return await OfflineWriter.RunAsync(uri, journals, int.Parse(points, CultureInfo.InvariantCulture));
            case ["--help" or "-h"]:
                Console.WriteLine(TortureOptions.Help);
                return 0;
            default:
                try
                {
                    return await RunAsync(TortureOptions.Parse(arguments));
                }
                catch (ArgumentException e)
                {
                    await Console.Error.WriteLineAsync(e.Message);
                    return 2;
                }
        }
    }

    private static async Task<int> RunAsync(TortureOptions options)
    {
        Console.WriteLine($"seed {options.Seed}");
        var chosen = Scenarios.Where(scenario => options.Scenario is { } name ? scenario.Name == name : scenario.Name != "live").ToList();
        if (chosen.Count == 0)
        {
            throw new ArgumentException($"There is no scenario {options.Scenario}; there are {string.Join(", ", Scenarios.Select(scenario => scenario.Name))}.");
        }

        var isGood = true;
        foreach (var scenario in chosen)
        {
            var start = Stopwatch.GetTimestamp();
            var outcome = await scenario.RunAsync(options);
            Console.WriteLine(outcome.Line(scenario.Name, Stopwatch.GetElapsedTime(start)));
            foreach (var fault in outcome.Faults)
            {
                Console.WriteLine("    " + fault);
            }

            isGood &= outcome.IsGood;
        }

        return isGood ? 0 : 1;
    }
}
