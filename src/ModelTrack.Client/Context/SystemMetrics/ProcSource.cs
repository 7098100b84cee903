using System.Globalization;

namespace ModelTrack.Client;

/// <summary>
/// Processor and memory from Linux' <c>/proc</c>. As psutil counts, which MLflow uses: waiting for disks is idle, and caches are not used memory.
/// </summary>
internal sealed class ProcSource(string folder) : ISystemSource
{
    private (double Busy, double All)? _before;

    public IEnumerable<SystemSample> Read()
    {
        var times = ReadTimes();
        if (_before is { } before && times.All > before.All)
        {
            yield return new("cpu_utilization_percentage", (times.Busy - before.Busy) / (times.All - before.All) * 100);
        }

        _before = times;
        var memory = File.ReadLines(Path.Combine(folder, "meminfo"))
            .Select(line => line.Split((char[])[':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length >= 2)
            .ToDictionary(words => words[0], words => Number(words[1]) * 1024);
        var total = memory["MemTotal"];
        var free = memory["MemFree"] + memory.GetValueOrDefault("Buffers") + memory.GetValueOrDefault("Cached") + memory.GetValueOrDefault("SReclaimable");
        var used = total - (free <= total ? free : memory["MemFree"]);
        yield return new("system_memory_usage_megabytes", used / 1e6);
        yield return new("system_memory_usage_percentage", used / total * 100);
    }

    /// <summary>The sums over all cores: user, nice, system, idle, iowait, irq, softirq, steal. What guests took is in user and nice as well.</summary>
    private (double Busy, double All) ReadTimes()
    {
        var times = File.ReadLines(Path.Combine(folder, "stat")).First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(Number).ToArray();
        var all = times.Sum();
        return (all - times[3] - times[4], all);
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
