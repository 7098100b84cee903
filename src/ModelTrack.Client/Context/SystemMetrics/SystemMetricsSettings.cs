namespace ModelTrack.Client;

/// <summary>How system metrics are taken.</summary>
/// <param name="Interval">The time between two samples.</param>
/// <param name="SamplesBeforeLogging">So many samples make one point.</param>
/// <param name="Prefix">What the metrics' keys begin with.</param>
/// <param name="Sources">Makes what is sampled, for one run.</param>
internal sealed record SystemMetricsSettings(
    TimeSpan Interval, int SamplesBeforeLogging, string Prefix, Func<IReadOnlyList<ISystemSource>> Sources)
{
    private const string IntervalVariable = "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL";

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    /// <summary>Null: no run has them.</summary>
    /// <exception cref="ArgumentException">A variable breaks its rule.</exception>
    public static SystemMetricsSettings? From(TrackerOptions options, TrackingEnvironment environment)
    {
        if (!(options.LogSystemMetrics ?? environment.GetFlag("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING") ?? false))
        {
            return null;
        }

        var interval = environment.GetSeconds(IntervalVariable, seconds => seconds is >= 0.1 and <= 86_400, "a number of seconds from 0.1 to 86400");
        var samples = environment.GetWhole("MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING", 1, 10_000);
        var node = environment.Get("MLFLOW_SYSTEM_METRICS_NODE_ID");
        var prefix = node is null ? "system/" : $"system/{node}/";
        Rules.CheckMetricKey(prefix + "cpu_utilization_percentage");
        return new SystemMetricsSettings(interval ?? DefaultInterval, samples ?? 1, prefix, options.SystemSources ?? (() => Default(environment)));
    }

    private static List<ISystemSource> Default(TrackingEnvironment environment)
    {
        List<ISystemSource> sources = [new DiskSource(), new NetworkSource()];
        if (OperatingSystem.IsLinux())
        {
            sources.Insert(0, new ProcSource("/proc"));
        }

        if (NvidiaSource.Find(environment.Get("PATH")) is { } nvidia)
        {
            sources.Add(nvidia);
        }

        return sources;
    }
}
