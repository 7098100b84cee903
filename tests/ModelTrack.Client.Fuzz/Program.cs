using System.Globalization;
using ModelTrack.Client.Fuzz.Running;
using ModelTrack.Client.Fuzz.Targets;

namespace ModelTrack.Client.Fuzz;

/// <summary>The long form. README.md beside this file says how it is called.</summary>
internal static class Program
{
    private const string Usage = """
        Usage: [target|all] [--seconds N] [--seed N] [--input FILE] [--findings FOLDER]
          --seconds   how long each target is given inputs (60)
          --seed      of the random numbers (1)
          --input     reads one input only, from a file: a finding, or what a run that died was reading
          --findings  where findings go (./findings)
        """;

    private static int Main(string[] args)
    {
        try
        {
            var options = FuzzOptions.Parse(args);
            if (options.Input is { } file)
            {
                using var target = AllTargets.Create(options.Targets[0]);
                Console.WriteLine(new FuzzRun(target, options.Seed).Try(LastInput.ReadFrom(file)));
                return 0;
            }

            Console.WriteLine(FuzzReport.Header);
            var failed = 0;
            foreach (var name in options.Targets)
            {
                failed += LongRun.Succeeds(name, options) ? 0 : 1;
            }

            return failed == 0 ? 0 : 1;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(Usage);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Targets: {string.Join(", ", AllTargets.Names)}"));
            return 2;
        }
    }
}
