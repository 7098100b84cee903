using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>Records what ML.NET's evaluators say.</summary>
/// <remarks>
/// Keys are those of MLflow's own evaluators where it has the metric, else ML.NET's names in snake case; the package's README has the table.
/// What an evaluator could not compute is NaN, and is recorded as such.
/// </remarks>
public static class RunMetricsExtensions
{
    /// <summary>Records the metrics of a binary classifier, and its confusion matrix as the table <c>confusion_matrix.json</c>.</summary>
    /// <param name="run">The run.</param>
    /// <param name="metrics">
    /// The metrics. Of a <see cref="CalibratedBinaryClassificationMetrics"/> the log loss too, by the natural logarithm (ML.NET's is in bits).
    /// </param>
    /// <param name="prefix">Comes before each key and the table's path, with <c>/</c> between. Default: nothing.</param>
    /// <param name="step">The step. Default: 0. A table that is there gets the rows of this step as well.</param>
    /// <returns>The run.</returns>
    /// <exception cref="ArgumentException">The prefix breaks MLflow's rules for keys.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Run LogMetrics(this Run run, BinaryClassificationMetrics metrics, string? prefix = null, long step = 0)
        => Log(run, metrics, prefix, step);

    /// <summary>
    /// Records the metrics of a classifier with several classes, and its confusion matrix as the table <c>confusion_matrix.json</c>.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="prefix">Comes before each key and the table's path, with <c>/</c> between. Default: nothing.</param>
    /// <param name="step">The step. Default: 0. A table that is there gets the rows of this step as well.</param>
    /// <returns>The run.</returns>
    /// <exception cref="ArgumentException">The prefix breaks MLflow's rules for keys.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Run LogMetrics(this Run run, MulticlassClassificationMetrics metrics, string? prefix = null, long step = 0)
        => Log(run, metrics, prefix, step);

    /// <summary>Records the metrics of a regression.</summary>
    /// <param name="run">The run.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="prefix">Comes before each key, with <c>/</c> between. Default: nothing.</param>
    /// <param name="step">The step. Default: 0.</param>
    /// <returns>The run.</returns>
    /// <exception cref="ArgumentException">The prefix breaks MLflow's rules for keys.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Run LogMetrics(this Run run, RegressionMetrics metrics, string? prefix = null, long step = 0)
        => Log(run, metrics, prefix, step);

    /// <summary>Records the metrics of a ranking: <c>ndcg_at_1</c>, <c>dcg_at_1</c> and so on.</summary>
    /// <param name="run">The run.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="prefix">Comes before each key, with <c>/</c> between. Default: nothing.</param>
    /// <param name="step">The step. Default: 0.</param>
    /// <returns>The run.</returns>
    /// <exception cref="ArgumentException">The prefix breaks MLflow's rules for keys.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Run LogMetrics(this Run run, RankingMetrics metrics, string? prefix = null, long step = 0)
        => Log(run, metrics, prefix, step);

    /// <summary>Records the metrics of a clustering.</summary>
    /// <param name="run">The run.</param>
    /// <param name="metrics">The metrics. Without labels the normalized mutual information is NaN, without features the index of Davies and Bouldin.</param>
    /// <param name="prefix">Comes before each key, with <c>/</c> between. Default: nothing.</param>
    /// <param name="step">The step. Default: 0.</param>
    /// <returns>The run.</returns>
    /// <exception cref="ArgumentException">The prefix breaks MLflow's rules for keys.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Run LogMetrics(this Run run, ClusteringMetrics metrics, string? prefix = null, long step = 0)
        => Log(run, metrics, prefix, step);

    /// <summary>Records the metrics of an anomaly detection.</summary>
    /// <param name="run">The run.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="prefix">Comes before each key, with <c>/</c> between. Default: nothing.</param>
    /// <param name="step">The step. Default: 0.</param>
    /// <returns>The run.</returns>
    /// <exception cref="ArgumentException">The prefix breaks MLflow's rules for keys.</exception>
    /// <exception cref="InvalidOperationException">The run has ended.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static Run LogMetrics(this Run run, AnomalyDetectionMetrics metrics, string? prefix = null, long step = 0)
        => Log(run, metrics, prefix, step);

    internal static Run Log(Run run, object metrics, string? prefix, long step)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(metrics);
        run.LogMetrics(MetricValues.Of(metrics).Select(value => KeyValuePair.Create(MetricNames.WithPrefix(prefix, value.Key), value.Value)), step);
        if (MetricValues.ConfusionOf(metrics) is { } confusion)
        {
            run.LogTable(MetricNames.WithPrefix(prefix, ConfusionTable.File), ConfusionTable.Columns, ConfusionTable.Rows(confusion, step));
        }

        return run;
    }
}
