using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>Records cross-validations.</summary>
public static class RunCrossValidationExtensions
{
    /// <summary>
    /// Records what <c>CrossValidate</c> returned: each fold as a child run with its metrics (and confusion matrix), and on the run itself each
    /// metric's mean over the folds as <c>…_mean</c> and its standard deviation as <c>…_std</c>.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="results">The folds.</param>
    /// <param name="prefix">Comes before each key, with <c>/</c> between. Default: nothing.</param>
    /// <param name="step">The step of all points. Default: 0.</param>
    /// <typeparam name="TMetrics">The kind of metrics, one of those that <see cref="RunMetricsExtensions"/> takes.</typeparam>
    /// <returns>The run.</returns>
    /// <remarks>
    /// The children are called <c>fold-1</c>, <c>fold-2</c> and so on, and are ended. The deviation is that of the folds themselves (divided by
    /// their number), as NumPy and scikit-learn have it. A metric that is NaN in one fold is NaN on the run.
    /// </remarks>
    /// <exception cref="ArgumentException">There are no folds, or their metrics are of an unknown kind, or the prefix breaks MLflow's rules for keys.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="ModelTrackException">The server refused a child.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Run LogCrossValidation<TMetrics>(
        this Run run, IReadOnlyList<TrainCatalogBase.CrossValidationResult<TMetrics>> results, string? prefix = null, long step = 0)
        where TMetrics : class
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(results);
        if (results.Count == 0)
        {
            throw new ArgumentException("There are no folds.", nameof(results));
        }

        // Before anything is recorded: it may be of an unknown kind.
        var folds = results.Select(result => MetricValues.Of(result.Metrics).ToList()).ToList();
        foreach (var result in results)
        {
            using var fold = run.StartChild(FormattableString.Invariant($"fold-{result.Fold + 1}"));
            RunMetricsExtensions.Log(fold, result.Metrics, prefix, step);
        }

        // A metric that not every fold has (of a class that one did not meet) has the mean of those that do.
        return run.LogMetrics(
            folds.SelectMany(fold => fold)
                .GroupBy(metric => metric.Key, metric => metric.Value)
                .SelectMany(metric => new[]
                {
                    KeyValuePair.Create(MetricNames.WithPrefix(prefix, metric.Key + MetricNames.Mean), metric.Average()),
                    KeyValuePair.Create(MetricNames.WithPrefix(prefix, metric.Key + MetricNames.StandardDeviation), Deviation([.. metric])),
                }),
            step);
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
