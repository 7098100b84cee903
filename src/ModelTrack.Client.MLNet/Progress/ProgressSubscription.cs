using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>Carries a context's messages to a run. Trainers call it from threads of theirs.</summary>
internal sealed class ProgressSubscription : IDisposable
{
    private readonly object _gate = new();
    private readonly MLContext _context;
    private readonly Run _run;
    private readonly string? _prefix;
    private readonly TrainingProgress _progress = new();

    public ProgressSubscription(MLContext context, Run run, string? prefix)
    {
        _context = context;
        _run = run;
        _prefix = prefix;
        context.Log += OnLog;
    }

    public void Dispose() => _context.Log -= OnLog;

    private void OnLog(object? sender, LoggingEventArgs e)
    {
        // One at a time, so that a step belongs to the message that it was counted by.
        lock (_gate)
        {
            foreach (var (key, value, step) in _progress.Read(e.Source, e.RawMessage))
            {
                try
                {
                    _run.LogMetric(MetricNames.WithPrefix(_prefix, key), value, step);
                }
                catch (InvalidOperationException)
                {
                    // The run or its tracker is over, the training is not.
                    Dispose();
                    return;
                }
            }
        }
    }
}
