using Microsoft.Extensions.Time.Testing;

namespace ModelTrack.Client.Tests.Context;

/// <summary>Names, units and steps are those of MLflow's <c>system_metrics</c>.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SystemMetricsTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ListLogger _log = new();
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => _scratch.Dispose();

    [Test]
    public async Task Nobody_gets_them_who_did_not_ask()
    {
        using var tracker = Open([new Counting("a")]);
        Assert.That(await LogAsync(tracker, TimeSpan.FromMinutes(1)), Is.Empty);
    }

    [Test]
    public async Task An_option_turns_them_on_and_a_point_comes_every_ten_seconds()
    {
        using var tracker = Open([new Counting("a")], isOn: true);
        Assert.That(await LogAsync(tracker, TimeSpan.FromSeconds(35)), Is.EqualTo(new[] { "system/a 0 1", "system/a 1 2", "system/a 2 3" }));
    }

    [Test]
    public async Task The_variables_of_MLflow_count()
    {
        _variables["MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING"] = "true";
        _variables["MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"] = "2.5";
        _variables["MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING"] = "2";
        _variables["MLFLOW_SYSTEM_METRICS_NODE_ID"] = "node7";
        using var tracker = Open([new Counting("a"), new Counting("t", isTotal: true)]);
        Assert.That(
            await LogAsync(tracker, TimeSpan.FromSeconds(10)),
            Is.EqualTo(new[] { "system/node7/a 0 1.5", "system/node7/a 1 3.5", "system/node7/t 0 2", "system/node7/t 1 4" }),
            "The mean of two samples; of what counts from the start the last one.");
    }

    [TestCase("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0")]
    [TestCase("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING", "none")]
    [TestCase("MLFLOW_SYSTEM_METRICS_NODE_ID", "a:\n")]
    public void A_variable_that_breaks_its_rule_is_named(string name, string value)
    {
        _variables[name] = value;
        var error = Assert.Throws(Is.InstanceOf<ArgumentException>(), () => Open([], isOn: true))!;
        Assert.That(error.Message, Does.Contain(name.EndsWith("NODE_ID", StringComparison.Ordinal) ? "system/a:" : name));
    }

    [Test]
    public async Task A_run_that_goes_on_goes_on_with_the_steps()
    {
        string id;
        using (var tracker = Open([new Counting("a")], isOn: true))
        {
            using var run = tracker.StartRun();
            id = run.Id;
            _clock.Advance(TimeSpan.FromSeconds(20));
        }

        using var again = Open([new Counting("a")], isOn: true);
        using (again.StartRun(runId: id))
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.That(await PointsAsync(again, id), Is.EqualTo(new[] { "system/a 0 1", "system/a 1 2", "system/a 2 1" }));
    }

    [Test]
    public async Task A_source_that_fails_is_said_once_and_the_others_go_on()
    {
        using var tracker = Open([new Failing(), new Counting("a")], isOn: true);
        Assert.That(await LogAsync(tracker, TimeSpan.FromSeconds(25)), Is.EqualTo(new[] { "system/a 0 1", "system/a 1 2" }));
        Assert.That(_log.Warnings.Count(line => line.Contains("Failing", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task This_machine_has_what_MLflow_names()
    {
        using var tracker = Open(null, isOn: true);
        var keys = (await LogAsync(tracker, TimeSpan.FromSeconds(10))).Select(line => line.Split(' ')[0]).ToList();
        string[] everywhere =
        [
            "system/disk_available_megabytes", "system/disk_usage_megabytes", "system/disk_usage_percentage",
            "system/network_receive_megabytes", "system/network_transmit_megabytes",
        ];
        Assert.That(keys, Is.SupersetOf(everywhere));
        if (OperatingSystem.IsLinux())
        {
            Assert.That(keys, Is.SupersetOf(new[] { "system/system_memory_usage_megabytes", "system/system_memory_usage_percentage" }));
        }

        Assert.That(_log.Warnings.Where(line => line.Contains("not logged any more", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Processor_and_memory_are_read_from_proc()
    {
        Directory.CreateDirectory(_scratch["proc"]);
        WriteProc("cpu  100 0 100 700 100 0 0 0 0 0");
        var source = new ProcSource(_scratch["proc"]);
        Assert.That(source.Read().Select(sample => sample.Name), Has.None.EqualTo("cpu_utilization_percentage"));

        // 100 more, 25 of them busy.
        WriteProc("cpu  110 5 110 760 115 0 0 0 0 0");
        Assert.That(source.Read(), Is.EqualTo(new SystemSample[]
        {
            new("cpu_utilization_percentage", 25),
            new("system_memory_usage_megabytes", 4096 * 1024 / 1e6),
            new("system_memory_usage_percentage", 50),
        }));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void Cards_are_read_from_what_their_program_prints()
    {
        var program = _scratch["nvidia-smi"];
        File.WriteAllText(program, "#!/bin/sh\necho '0, 1000, 4000, 30, 60.5, 121'\necho '1, 2000, 4000, [N/A], [N/A], [N/A]'\n");
#pragma warning disable CA1416 // Not on Windows, as the test's platforms say.
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        Assert.That(NvidiaSource.Find($"/nowhere:{_scratch.Path}")!.Read(), Is.EqualTo(new SystemSample[]
        {
            new("gpu_0_memory_usage_megabytes", 1048.576),
            new("gpu_0_memory_usage_percentage", 25),
            new("gpu_0_utilization_percentage", 30),
            new("gpu_0_power_usage_watts", 60.5),
            new("gpu_0_power_usage_percentage", 50),
            new("gpu_1_memory_usage_megabytes", 2097.152),
            new("gpu_1_memory_usage_percentage", 50),
        }));
        Assert.That(NvidiaSource.Find("/nowhere"), Is.Null);
    }

    private void WriteProc(string cpu)
    {
        File.WriteAllText(_scratch["proc/stat"], cpu + "\ncpu0 1 2 3 4\n");
        File.WriteAllText(
            _scratch["proc/meminfo"],
            "MemTotal: 8192 kB\nMemFree: 1024 kB\nMemAvailable: 5000 kB\nBuffers: 1024 kB\nCached: 1024 kB\nSReclaimable: 1024 kB\nHugePages_Total: 0\n");
    }

    private Tracker Open(ISystemSource[]? sources, bool? isOn = null) => new(
        new TrackerOptions
        {
            TrackingUri = _scratch["mlruns"],
            CaptureContext = false,
            TimeProvider = _clock,
            LogSystemMetrics = isOn,
            SystemSources = sources is null ? null : () => sources,
            LoggerFactory = new ListLoggerFactory(_log),
        },
        new TrackingEnvironment(_variables.GetValueOrDefault));

    private async Task<List<string>> LogAsync(Tracker tracker, TimeSpan time)
    {
        using var run = tracker.StartRun();
        _clock.Advance(time);
        run.End();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await tracker.FlushAsync();
        return await PointsAsync(tracker, run.Id);
    }

    private static async Task<List<string>> PointsAsync(Tracker tracker, string id)
    {
        List<string> lines = [];
        await tracker.FlushAsync();
        foreach (var key in (await tracker.Runs.GetAsync(id)).Metrics.Keys.Order(StringComparer.Ordinal))
        {
            await foreach (var point in tracker.Runs.GetMetricHistoryAsync(id, key))
            {
                lines.Add(FormattableString.Invariant($"{key} {point.Step} {point.Value}"));
            }
        }

        return lines;
    }

    /// <summary>Says 0 when it is begun with, then 1, 2, 3, …</summary>
    private sealed class Counting(string name, bool isTotal = false) : ISystemSource
    {
        private int _next;

        public IEnumerable<SystemSample> Read() => [new(name, _next++, isTotal)];
    }

    private sealed class Failing : ISystemSource
    {
        public IEnumerable<SystemSample> Read() => throw new IOException("no such thing");
    }
}
