using System.Globalization;
using ModelTrack.Client.Fakes;
using ModelTrack.Client.Torture.Network;
using ModelTrack.Client.Torture.Writers;

namespace ModelTrack.Client.Torture.Scenarios;

/// <summary>A training goes on for millions of points while its server is away, and notices nothing; then the server is back and gets them all.</summary>
internal sealed class OfflineScenario : IScenario
{
    private const long MostMemory = 64 << 20;
    private const double LeastUnderOneMillisecond = 0.9999;
    private const double MostRatio = 1.2;

    private static readonly TimeSpan LongestCall = TimeSpan.FromMilliseconds(50);

    public string Name => "offline";

    /// <summary>A neighbour that takes the processor or the disk spoils one round; a fault of the client's shows in all.</summary>
    public async Task<Outcome> RunAsync(TortureOptions options)
    {
        var outcome = await RunOnceAsync(options);
        for (var round = 1; round < 3 && outcome is { Lost: 0, Doubled: 0, Faults.Count: > 0 }; round++)
        {
            var again = await RunOnceAsync(options);
            outcome = again with { Events = $"{again.Events}; in the round before: {string.Join(", ", outcome.Faults)}" };
        }

        return outcome;
    }

    private static async Task<Outcome> RunOnceAsync(TortureOptions options)
    {
        using var scratch = new ScratchFolder();
        await using var server = await FakeServer.StartAsync(new FakeServerOptions { Semantics = StoreSemantics.FileStore });
        server.RecordsRequests = false;
        await using var outages = new Outages(server.Url, options.Seed);
        using var child = ChildProcess.Start(
            [OfflineWriter.Verb, outages.Url.AbsoluteUri, scratch.Folder("journals"), options.Points.ToString(CultureInfo.InvariantCulture)]);
        var up = Cost.Parse(await child.ReadLineAsync() ?? throw new InvalidOperationException(child.Errors));
        await outages.CloseAsync();
        child.Say("the server is away");
        var down = Cost.Parse(await child.ReadLineAsync() ?? throw new InvalidOperationException(child.Errors));
        await outages.OpenAsync();
        child.Say("the server is back");
        await child.ReadLineAsync();
        await child.WaitForEndAsync(TimeSpan.FromMinutes(1));
        var (lost, doubled) = Count(server, options.Points + (2 * OfflineWriter.WarmPoints));
        var ratio = (double)down.Median / up.Median;
        var faults = new List<string>();
        Require(child.ExitCode == 0, $"the writer's exit code is {child.ExitCode}: {child.Errors}");
        Require(down.Memory < MostMemory, $"private memory grew by {down.Memory >> 20} MiB");
        Require(down.UnderOneMillisecond >= LeastUnderOneMillisecond, $"only {down.UnderOneMillisecond:P4} of the calls took less than 1 ms");
        Require(down.Longest < LongestCall, $"the longest call took {down.Longest.TotalMilliseconds:0.0} ms");
        Require(ratio <= MostRatio, $"the median is {ratio:0.00} times what it is with the server");
        return new Outcome
        {
            Accepted = options.Points,
            Delivered = options.Points - lost,
            Lost = lost,
            Doubled = doubled,
            Blocked = down.Longest,
            Events = string.Create(
                CultureInfo.InvariantCulture,
                $"median {down.Median} ns, with the server {up.Median} ns; {down.UnderOneMillisecond:P4} under 1 ms; memory +{down.Memory / 1048576.0:0.0} MiB"),
            Faults = faults,
        };

        void Require(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }

    private static (long Lost, long Doubled) Count(FakeServer server, int points)
    {
        var times = new byte[points];
        var run = server.State.Runs.Single();
        long strangers = 0;
        foreach (var step in run.MetricKeys.SelectMany(run.GetHistory).Select(point => point.Step))
        {
            if (step >= 0 && step < points)
            {
                times[step]++;
            }
            else
            {
                strangers++;
            }
        }

        return (times.LongCount(n => n == 0), times.Sum(n => Math.Max(0L, n - 1L)) + strangers);
    }

    /// <summary>See <see cref="OfflineWriter"/>.</summary>
    private sealed record Cost(int Median, double UnderOneMillisecond, TimeSpan Longest, long Memory)
    {
        public static Cost Parse(string line)
        {
            var words = line.Split(' ');
            return new Cost(
                int.Parse(words[0], CultureInfo.InvariantCulture),
                double.Parse(words[1], CultureInfo.InvariantCulture),
                TimeSpan.FromMilliseconds(double.Parse(words[2], CultureInfo.InvariantCulture)),
                long.Parse(words[3], CultureInfo.InvariantCulture));
        }
    }
}
