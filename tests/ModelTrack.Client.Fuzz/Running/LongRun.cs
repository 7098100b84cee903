using System.Globalization;
using ModelTrack.Client.Fuzz.Targets;

namespace ModelTrack.Client.Fuzz.Running;

/// <summary>The long form of one target, on a thread of its own with a small stack, and watched.</summary>
internal static class LongRun
{
    /// <summary>A third of what a thread of .NET has: what nests its calls by the input's nesting is found sooner.</summary>
    public const int StackSize = 512 << 10;

    /// <summary>Says what came of it. A finding is written to a file.</summary>
    public static bool Succeeds(string name, FuzzOptions options)
    {
        Directory.CreateDirectory(options.Findings);
        using var lastInput = new LastInput(Path.Combine(options.Findings, name + ".last"));
        FindingException? finding = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    using var target = AllTargets.Create(name);
                    Console.WriteLine(new FuzzRun(target, options.Seed, lastInput).RunFor(options.Time));
                }
                catch (FindingException e)
                {
                    finding = e;
                }
            },
            StackSize)
        { IsBackground = true };
        thread.Start();
        if (!thread.Join(options.Time + (2 * FuzzRun.Patience)))
        {
            Console.WriteLine($"{name} does not end: the input that it reads is in {lastInput.Path}");
            return false;
        }

        if (finding is null)
        {
            return true;
        }

        var input = (byte[])finding.Data["input"]!;
        var file = Path.Combine(options.Findings, string.Create(
            CultureInfo.InvariantCulture, $"{name}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..12]}"));
        File.WriteAllBytes(file, input);
        Console.WriteLine(finding);
        Console.WriteLine($"The input is in {file}");
        return false;
    }
}
