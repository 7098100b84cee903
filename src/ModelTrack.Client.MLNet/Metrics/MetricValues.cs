using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>What ML.NET's metrics objects say, as keys and values.</summary>
internal static class MetricValues
{
    public static IEnumerable<KeyValuePair<string, double>> Of(object metrics) => metrics switch
    {
        CalibratedBinaryClassificationMetrics calibrated => [.. OfBinary(calibrated), .. OfCalibrated(calibrated)],
        BinaryClassificationMetrics binary => OfBinary(binary),
        MulticlassClassificationMetrics multiclass => OfMulticlass(multiclass),
        RegressionMetrics regression => OfRegression(regression),
        RankingMetrics ranking => OfRanking(ranking),
        ClusteringMetrics clustering => OfClustering(clustering),
        AnomalyDetectionMetrics anomaly => OfAnomaly(anomaly),
        null => throw new ArgumentNullException(nameof(metrics)),
        _ => throw new ArgumentException($"{metrics.GetType()} is no metrics object of ML.NET's that is known here.", nameof(metrics)),
    };

    public static ConfusionMatrix? ConfusionOf(object metrics) => metrics switch
    {
        BinaryClassificationMetrics binary => binary.ConfusionMatrix,
        MulticlassClassificationMetrics multiclass => multiclass.ConfusionMatrix,
        _ => null,
    };

    private static KeyValuePair<string, double>[] OfBinary(BinaryClassificationMetrics metrics) =>
    [
        new(MetricNames.Accuracy, metrics.Accuracy),
        new(MetricNames.AreaUnderRocCurve, metrics.AreaUnderRocCurve),
        new(MetricNames.AreaUnderPrecisionRecallCurve, metrics.AreaUnderPrecisionRecallCurve),
        new(MetricNames.F1Score, metrics.F1Score),
        new(MetricNames.Precision, metrics.PositivePrecision),
        new(MetricNames.Recall, metrics.PositiveRecall),
        new(MetricNames.NegativePrecision, metrics.NegativePrecision),
        new(MetricNames.NegativeRecall, metrics.NegativeRecall),
    ];

    private static KeyValuePair<string, double>[] OfCalibrated(CalibratedBinaryClassificationMetrics metrics) =>
    [
        new(MetricNames.LogLoss, Nats(metrics.LogLoss)),
        new(MetricNames.LogLossReduction, metrics.LogLossReduction),
        new(MetricNames.Entropy, Nats(metrics.Entropy)),
    ];

    private static List<KeyValuePair<string, double>> OfMulticlass(MulticlassClassificationMetrics metrics)
    {
        List<KeyValuePair<string, double>> values =
        [
            new(MetricNames.Accuracy, metrics.MicroAccuracy),
            new(MetricNames.MacroAccuracy, metrics.MacroAccuracy),
            new(MetricNames.LogLoss, metrics.LogLoss),
            new(MetricNames.LogLossReduction, metrics.LogLossReduction),
        ];
        if (metrics.TopKPredictionCount > 0)
        {
            values.Add(new(MetricNames.TopKAccuracy(metrics.TopKPredictionCount), metrics.TopKAccuracy));
        }

        var classes = ConfusionTable.ClassNames(metrics.ConfusionMatrix);
        if (metrics.PerClassLogLoss.Count == classes.Count)
        {
            var keys = KeyText.Distinct(classes);
            values.AddRange(metrics.PerClassLogLoss.Select((loss, i) => KeyValuePair.Create($"{MetricNames.PerClassLogLoss}/{keys[i]}", loss)));
        }

        return values;
    }

    private static KeyValuePair<string, double>[] OfRegression(RegressionMetrics metrics) =>
    [
        new(MetricNames.MeanAbsoluteError, metrics.MeanAbsoluteError),
        new(MetricNames.MeanSquaredError, metrics.MeanSquaredError),
        new(MetricNames.RootMeanSquaredError, metrics.RootMeanSquaredError),
        new(MetricNames.RSquared, metrics.RSquared),
        new(MetricNames.LossFunction, metrics.LossFunction),
    ];

    private static IEnumerable<KeyValuePair<string, double>> OfRanking(RankingMetrics metrics)
        => metrics.NormalizedDiscountedCumulativeGains.Select((gain, i) => KeyValuePair.Create(MetricNames.Ndcg(i + 1), gain))
            .Concat(metrics.DiscountedCumulativeGains.Select((gain, i) => KeyValuePair.Create(MetricNames.Dcg(i + 1), gain)));

    private static KeyValuePair<string, double>[] OfClustering(ClusteringMetrics metrics) =>
    [
        new(MetricNames.AverageDistance, metrics.AverageDistance),
        new(MetricNames.DaviesBouldinIndex, metrics.DaviesBouldinIndex),
        new(MetricNames.NormalizedMutualInformation, metrics.NormalizedMutualInformation),
    ];

    private static KeyValuePair<string, double>[] OfAnomaly(AnomalyDetectionMetrics metrics) =>
    [
        new(MetricNames.AreaUnderRocCurve, metrics.AreaUnderRocCurve),
        new(MetricNames.DetectionRate, metrics.DetectionRateAtFalsePositiveCount),
    ];

    /// <summary>For two classes ML.NET counts in bits, for several, as everybody else does, by the natural logarithm.</summary>
    private static double Nats(double bits) => bits * Math.Log(2);
}
