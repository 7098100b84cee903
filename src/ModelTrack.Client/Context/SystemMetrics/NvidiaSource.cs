using System.Diagnostics;
using System.Globalization;
using ModelTrack.Client.Lifetime;

namespace ModelTrack.Client;

/// <summary>NVIDIA's graphics cards, by the program <c>nvidia-smi</c> that comes with their driver. A value that a card does not have is left out.</summary>
internal sealed class NvidiaSource(string program) : ISystemSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly string[] Query =
    [
        "--query-gpu=index,memory.used,memory.total,utilization.gpu,power.draw,enforced.power.limit", "--format=csv,noheader,nounits",
    ];

    /// <summary>The program, if it is in the path.</summary>
    public static NvidiaSource? Find(string? path)
        => (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "nvidia-smi.exe" : "nvidia-smi"))
            .FirstOrDefault(File.Exists) is { } found
                ? new NvidiaSource(found)
                : null;

    public IEnumerable<SystemSample> Read() => Run().Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(Samples);

    private static IEnumerable<SystemSample> Samples(string line)
    {
        var cells = line.Split(',', StringSplitOptions.TrimEntries);
        if (cells.Length != 6)
        {
            yield break;
        }

        var numbers = Array.ConvertAll(
            cells, cell => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : (double?)null);
        var card = $"gpu_{cells[0]}_";
        if (numbers[1] is { } used)
        {
            // The program says mebibytes.
            yield return new($"{card}memory_usage_megabytes", used * 1.048576);
            if (numbers[2] is > 0 and var total)
            {
                yield return new($"{card}memory_usage_percentage", used / total * 100);
            }
        }

        if (numbers[3] is { } busy)
        {
            yield return new($"{card}utilization_percentage", busy);
        }

        if (numbers[4] is { } watts)
        {
            yield return new($"{card}power_usage_watts", watts);
            if (numbers[5] is > 0 and var limit)
            {
                yield return new($"{card}power_usage_percentage", watts / limit * 100);
            }
        }
    }

    private string Run()
    {
        using var process = Process.Start(new ProcessStartInfo(program, Query) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            return process.WaitForExit(Patience) && process.ExitCode == 0
                ? Blocking.Wait(new ValueTask<string>(output))
                : throw new IOException($"{program} gave no answer, or ended with an error.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
