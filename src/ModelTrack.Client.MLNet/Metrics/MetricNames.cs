namespace ModelTrack.Client.MLNet;

/// <summary>The keys of metrics: MLflow's words where it has them (those of its evaluators), else ML.NET's in snake case.</summary>
internal static class MetricNames
{
    public const string Accuracy = "accuracy_score";
    public const string AreaUnderRocCurve = "roc_auc";
    public const string AreaUnderPrecisionRecallCurve = "precision_recall_auc";
    public const string F1Score = "f1_score";
    public const string Precision = "precision_score";
    public const string Recall = "recall_score";
    public const string NegativePrecision = "negative_precision";
    public const string NegativeRecall = "negative_recall";
    public const string LogLoss = "log_loss";
    public const string LogLossReduction = "log_loss_reduction";
    public const string Entropy = "entropy";
    public const string MacroAccuracy = "macro_accuracy";
    public const string PerClassLogLoss = "per_class_log_loss";
    public const string MeanAbsoluteError = "mean_absolute_error";
    public const string MeanSquaredError = "mean_squared_error";
    public const string RootMeanSquaredError = "root_mean_squared_error";
    public const string RSquared = "r2_score";
    public const string LossFunction = "loss_function";
    public const string NormalizedMutualInformation = "normalized_mutual_information";
    public const string AverageDistance = "average_distance";
    public const string DaviesBouldinIndex = "davies_bouldin_index";
    public const string DetectionRate = "detection_rate_at_false_positive_count";

    public const string Mean = "_mean";
    public const string StandardDeviation = "_std";

    public static string TopKAccuracy(int k) => FormattableString.Invariant($"top_{k}_accuracy");

    public static string Ndcg(int k) => FormattableString.Invariant($"ndcg_at_{k}");

    public static string Dcg(int k) => FormattableString.Invariant($"dcg_at_{k}");

    /// <summary>A key in the folder of a prefix.</summary>
    public static string WithPrefix(string? prefix, string key) => string.IsNullOrEmpty(prefix) ? key : prefix.TrimEnd('/') + "/" + key;
}
