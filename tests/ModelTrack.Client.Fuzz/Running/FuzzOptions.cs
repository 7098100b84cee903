using System.Globalization;
using ModelTrack.Client.Fuzz.Targets;

namespace ModelTrack.Client.Fuzz.Running;

/// <summary>What the long form was asked for.</summary>
internal sealed record FuzzOptions(IReadOnlyList<string> Targets, TimeSpan Time, int Seed, string? Input, string Findings)
{
    /// <exception cref="ArgumentException">An argument is unknown, or its value cannot be read.</exception>
    public static FuzzOptions Parse(IReadOnlyList<string> args)
    {
        var options = new FuzzOptions(AllTargets.Names, TimeSpan.FromSeconds(60), 1, null, "findings");
        for (var i = 0; i < args.Count; i++)
        {
            options = args[i] switch
            {
                "all" => options with { Targets = AllTargets.Names },
                "--seconds" => options with { Time = TimeSpan.FromSeconds(Number(args, ++i)) },
                "--seed" => options with { Seed = Number(args, ++i) },
                "--input" => options with { Input = Value(args, ++i) },
                "--findings" => options with { Findings = Value(args, ++i) },
                var name when AllTargets.Names.Contains(name) => options with { Targets = [name] },
                var other => throw new ArgumentException($"What is '{other}'?", nameof(args)),
            };
        }

        return options;
    }

    private static string Value(IReadOnlyList<string> args, int at)
        => at < args.Count ? args[at] : throw new ArgumentException($"{args[at - 1]} needs a value.", nameof(args));

    private static int Number(IReadOnlyList<string> args, int at)
        => int.TryParse(Value(args, at), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"{args[at - 1]} needs a number.", nameof(args));
}
