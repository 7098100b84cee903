using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelTrack.Client;

namespace Worker;

/// <summary>
/// Trains once, and stops the host when that is done. The run ends FINISHED, FAILED with the exception, or KILLED when the host is stopped
/// before (Ctrl+C, SIGTERM): the token is cancelled, and what was logged until then is stored.
/// </summary>
internal sealed partial class TrainingWorker(
    Tracker tracker, IOptions<TrainingOptions> options, IHostApplicationLifetime lifetime, ILogger<TrainingWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await tracker.RunAsync("logistic-regression", TrainAsync, experiment: "worker", cancellationToken: stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped(logger, tracker.TrackingUri);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task TrainAsync(Run run, CancellationToken cancellationToken)
    {
        // Off the thread that starts the host: the loop below does not wait for anything.
        await Task.Yield();
        var (epochs, rate) = (options.Value.Epochs, options.Value.LearningRate);
        run.LogParams(("epochs", epochs), ("learning_rate", rate));
        var model = LogisticRegression.Load();
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (loss, accuracy) = model.Step(rate);
            run.LogMetric("train/loss", loss, step: epoch).LogMetric("train/accuracy", accuracy, step: epoch);
            if (epoch == 1)
            {
                LogTraining(logger, model.Rows, tracker.TrackingUri);
            }
        }

        run.LogText("weights.csv", string.Join(',', model.Weights));
        LogTrained(logger, run.Id);
    }

    [LoggerMessage(1, LogLevel.Information, "Training on {Rows} rows, recorded in {TrackingUri}")]
    private static partial void LogTraining(ILogger logger, int rows, string trackingUri);

    [LoggerMessage(2, LogLevel.Information, "Trained: run {RunId}")]
    private static partial void LogTrained(ILogger logger, string runId);

    [LoggerMessage(3, LogLevel.Information, "Stopped before the end; the run in {TrackingUri} is KILLED and has what was logged")]
    private static partial void LogStopped(ILogger logger, string trackingUri);
}
