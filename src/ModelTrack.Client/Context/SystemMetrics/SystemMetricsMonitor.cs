using Microsoft.Extensions.Logging;

namespace ModelTrack.Client;

/// <summary>
/// Logs to a run, while it is open, what its machine does: MLflow's system metrics. A source that fails is said once and left out from then on;
/// nothing of it reaches the training.
/// </summary>
internal sealed class SystemMetricsMonitor : IDisposable
{
    private readonly Run _run;
    private readonly SystemMetricsSettings _settings;
    private readonly ILogger _logger;
    private readonly List<ISystemSource> _sources = [];
    private readonly Dictionary<string, (double Sum, int Count)> _samples = [];
    private readonly ITimer _timer;
    private int _busy;
    private int _taken;
    private long _step;

    /// <param name="run">The run.</param>
    /// <param name="settings">How they are taken.</param>
    /// <param name="firstStep">The step of the first point.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The log.</param>
    public SystemMetricsMonitor(Run run, SystemMetricsSettings settings, long firstStep, TimeProvider clock, ILogger logger)
    {
        (_run, _settings, _step, _logger) = (run, settings, firstStep, logger);
        try
        {
            _sources.AddRange(settings.Sources());
        }
        catch (Exception e) when (IsTrouble(e))
        {
            Say(e, "the machine");
        }

        // The first time is only a beginning, from which the processor's time counts.
        _sources.ToList().ForEach(source => Read(source, _ => { }));
        _timer = clock.CreateTimer(_ => Tick(), null, settings.Interval, settings.Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        // A slow source must not make them queue.
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            return;
        }

        try
        {
            foreach (var source in _sources.ToList())
            {
                Read(source, Take);
            }

            if (++_taken % _settings.SamplesBeforeLogging == 0)
            {
                Log();
            }
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    private void Read(ISystemSource source, Action<SystemSample> take)
    {
        try
        {
            foreach (var sample in source.Read())
            {
                take(sample);
            }
        }
        catch (Exception e) when (IsTrouble(e))
        {
            _sources.Remove(source);
            Say(e, source.GetType().Name);
        }
    }

    private void Take(SystemSample sample)
        => _samples[sample.Name] = !sample.IsTotal && _samples.TryGetValue(sample.Name, out var known)
            ? (known.Sum + sample.Value, known.Count + 1)
            : (sample.Value, sample.IsTotal ? 0 : 1);

    private void Log()
    {
        var points = _samples.Select(sample => (
            _settings.Prefix + sample.Key,
            sample.Value.Count == 0 ? sample.Value.Sum : Math.Round(sample.Value.Sum / sample.Value.Count, 1))).ToList();
        _samples.Clear();
        try
        {
            _run.LogMetrics(points, _step++);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            _timer.Dispose();
            if (e is not (ObjectDisposedException or InvalidOperationException))
            {
                Say(e, "the run");
            }
        }
    }

    /// <summary>Whatever it is: this is nothing that a training should end for.</summary>
    private static bool IsTrouble(Exception e) => e is not OutOfMemoryException;

    private void Say(Exception e, string what)
        => _logger.LogWarning(new EventId(15, "SystemMetricsFailed"), e, "System metrics of {What} are not logged any more", what);
}
