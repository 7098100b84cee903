using System.Globalization;

namespace ModelTrack.Client.Torture;

/// <summary>What the command line asks for.</summary>
internal sealed record TortureOptions
{
    public const string Help = """
        Kills writers, breaks their way to the server, fills their disks, and counts what arrived.

          --scenario NAME   folder, sql, filestore, live, disk-full, read-only, few-handles, offline; default: all but live
          --target URI      the server of the scenario live (http://…)
          --long            minutes for each scenario, and outages up to a minute; default: short
          --duration 10m    how long kills and outages go on in each scenario (s, m or h)
          --kills N         in all; default: 200, long 2,000
          --outages N       in all; default: 30, long 60
          --writers N       threads that log, four to a process; default: 16
          --points N        of the scenario offline; default: 1,000,000, long 10,000,000
          --seed N          repeats the random numbers of another run

        A line for each scenario; the exit code is 1 if anything was lost or doubled, or a limit was missed.
        """;

    public string? Scenario { get; init; }

    public Uri? Target { get; init; }

    public bool IsLong { get; init; }

    /// <summary>How long each scenario's kills and outages go on; null: as fast as they can follow each other.</summary>
    public TimeSpan? Duration { get; init; }

    public int Kills { get; init; }

    public int Outages { get; init; }

    public int Writers { get; init; }

    public int Points { get; init; }

    public int Seed { get; init; }

    /// <exception cref="ArgumentException">An argument is not understood; the message says which.</exception>
    public static TortureOptions Parse(string[] arguments)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            values[name] = name switch
            {
                "--long" => "",
                "--scenario" or "--target" or "--duration" or "--kills" or "--outages" or "--writers" or "--points" or "--seed"
                    => ++i < arguments.Length ? arguments[i] : throw new ArgumentException($"{name} needs a value."),
                _ => throw new ArgumentException($"{name} is not understood; --help says what is."),
            };
        }

        var isLong = values.ContainsKey("--long");
        var target = values.GetValueOrDefault("--target") is { } uri ? new Uri(uri) : null;
        return new TortureOptions
        {
            Scenario = values.GetValueOrDefault("--scenario") ?? (target is null ? null : "live"),
            Target = target,
            IsLong = isLong,
            Duration = values.GetValueOrDefault("--duration") is { } duration ? Time(duration) : isLong ? TimeSpan.FromMinutes(10) : null,
            Kills = Number("--kills", isLong ? 2000 : 200),
            Outages = Number("--outages", isLong ? 60 : 30),
            Writers = Number("--writers", 16),
            Points = Number("--points", isLong ? 10_000_000 : 1_000_000),
            Seed = Number("--seed", Environment.TickCount & int.MaxValue),
        };

        int Number(string name, int other) => values.TryGetValue(name, out var text)
            ? int.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new ArgumentException($"{name} {text} is no number.")
            : other;
    }

    private static TimeSpan Time(string text)
    {
        var unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            _ => throw new ArgumentException($"--duration {text} has no unit; 90s, 10m and 1h have."),
        };
        return double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number * unit
            : throw new ArgumentException($"--duration {text} is no time.");
    }
}
