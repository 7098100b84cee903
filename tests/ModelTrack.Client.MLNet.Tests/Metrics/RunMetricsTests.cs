using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace ModelTrack.Client.MLNet.Tests.Metrics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunMetricsTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TrackedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Test]
    public async Task A_calibrated_classifier_has_its_metrics_and_its_log_loss_by_the_natural_logarithm()
    {
        var data = TestData.Cancer(_ml);
        var scored = Normalized(data, _ml.BinaryClassification.Trainers.LbfgsLogisticRegression()).Transform(data);
        var metrics = _ml.BinaryClassification.Evaluate(scored);
        _run.Run.LogMetrics(metrics);

        var rows = _ml.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false).ToList();
        var nats = -rows.Average(row => Math.Log(row.Label ? row.Probability : 1 - row.Probability));
        Assert.That(await ValuesAsync(), Is.EqualTo(new Dictionary<string, double>
        {
            ["accuracy_score"] = metrics.Accuracy,
            ["roc_auc"] = metrics.AreaUnderRocCurve,
            ["precision_recall_auc"] = metrics.AreaUnderPrecisionRecallCurve,
            ["f1_score"] = metrics.F1Score,
            ["precision_score"] = metrics.PositivePrecision,
            ["recall_score"] = metrics.PositiveRecall,
            ["negative_precision"] = metrics.NegativePrecision,
            ["negative_recall"] = metrics.NegativeRecall,
            ["log_loss"] = nats,
            ["log_loss_reduction"] = metrics.LogLossReduction,
            ["entropy"] = metrics.Entropy * Math.Log(2),
        }).Within(1e-6));
        int Count(bool actual, bool predicted) => rows.Count(row => row.Label == actual && row.PredictedLabel == predicted);
        Assert.That(await _run.TableAsync("confusion_matrix.json"), Is.EqualTo(new[]
        {
            $"0 positive positive {Count(true, true)}",
            $"0 positive negative {Count(true, false)}",
            $"0 negative positive {Count(false, true)}",
            $"0 negative negative {Count(false, false)}",
        }));
    }

    [Test]
    public async Task Prefix_and_step_are_those_of_all_metrics_and_of_the_table()
    {
        var data = TestData.Cancer(_ml);
        var model = Normalized(data, _ml.BinaryClassification.Trainers.AveragedPerceptron());
        var metrics = _ml.BinaryClassification.EvaluateNonCalibrated(model.Transform(data));
        _run.Run.LogMetrics(metrics, "test", 3).LogMetrics(metrics, "test/", 4);

        var stored = await _run.StoredAsync();
        Assert.That(stored.Metrics.Keys, Has.All.StartsWith("test/").And.No.Member("test/log_loss"));
        Assert.That(stored.Metrics.Values.Select(point => point.Step), Is.All.EqualTo(4));
        Assert.That(
            (await _run.TableAsync("test/confusion_matrix.json")).Select(row => row.Split(' ')[0]),
            Is.EqualTo(new[] { "3", "3", "3", "3", "4", "4", "4", "4" }));
    }

    [Test]
    public async Task A_classifier_of_several_classes_calls_them_by_their_names()
    {
        var data = TestData.Wine(_ml);
        var model = Normalized(data, _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(data), topKPredictionCount: 2);
        _run.Run.LogMetrics(metrics);

        Assert.That(await ValuesAsync(), Is.EqualTo(new Dictionary<string, double>
        {
            ["accuracy_score"] = metrics.MicroAccuracy,
            ["macro_accuracy"] = metrics.MacroAccuracy,
            ["log_loss"] = metrics.LogLoss,
            ["log_loss_reduction"] = metrics.LogLossReduction,
            ["top_2_accuracy"] = metrics.TopKAccuracy,
            ["per_class_log_loss/Barolo _ old"] = metrics.PerClassLogLoss[0],
            ["per_class_log_loss/Grignolino"] = metrics.PerClassLogLoss[1],
            ["per_class_log_loss/Barbera"] = metrics.PerClassLogLoss[2],
        }));
        var table = await _run.TableAsync("confusion_matrix.json");
        Assert.That(table, Has.Count.EqualTo(9));
        Assert.That(table[0], Does.StartWith("0 Barolo / old Barolo / old "));
        Assert.That(table[5], Does.StartWith("0 Grignolino Barbera "));
        Assert.That(
            table.Select(row => double.Parse(row.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture)),
            Is.EqualTo(metrics.ConfusionMatrix.Counts.SelectMany(row => row)));
    }

    [Test]
    public async Task Classes_without_names_are_called_by_their_numbers()
    {
        var rows = Enumerable.Range(0, 60).Select(i => new Numbered { Features = [i % 3, i % 5], Label = (uint)(i % 3) + 1 });
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.MulticlassClassification.Trainers.NaiveBayes().Fit(data);
        _run.Run.LogMetrics(_ml.MulticlassClassification.Evaluate(model.Transform(data)));
        Assert.That(
            (await _run.TableAsync("confusion_matrix.json")).Select(row => string.Join(' ', row.Split(' ')[1..3])),
            Is.EqualTo(new[] { "0 0", "0 1", "0 2", "1 0", "1 1", "1 2", "2 0", "2 1", "2 2" }));
    }

    [Test]
    public async Task A_regression_has_its_metrics_and_no_table()
    {
        var data = TestData.Wine(_ml);
        var model = Normalized(data, _ml.Regression.Trainers.LbfgsPoissonRegression("Alcohol"));
        var metrics = _ml.Regression.Evaluate(model.Transform(data), "Alcohol");
        _run.Run.LogMetrics(metrics);
        Assert.That(await ValuesAsync(), Is.EqualTo(new Dictionary<string, double>
        {
            ["mean_absolute_error"] = metrics.MeanAbsoluteError,
            ["mean_squared_error"] = metrics.MeanSquaredError,
            ["root_mean_squared_error"] = metrics.RootMeanSquaredError,
            ["r2_score"] = metrics.RSquared,
            ["loss_function"] = metrics.LossFunction,
        }));
        Assert.That(async () => await _run.TableAsync("confusion_matrix.json"), Throws.TypeOf<ModelTrackException>());
    }

    [Test]
    public async Task A_ranking_has_its_gains_by_their_places()
    {
        var rows = Enumerable.Range(0, 60).Select(i => new Ranked { Features = [i % 7, i % 5], Label = i % 4, Group = (uint)(i / 10) + 1 });
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Ranking.Trainers.FastTree(rowGroupColumnName: "Group", numberOfTrees: 2).Fit(data);
        var metrics = _ml.Ranking.Evaluate(model.Transform(data), rowGroupColumnName: "Group");
        _run.Run.LogMetrics(metrics);
        var values = await ValuesAsync();
        Assert.That(values, Has.Count.EqualTo(metrics.NormalizedDiscountedCumulativeGains.Count * 2).And.Count.GreaterThan(2));
        Assert.That(
            (values["ndcg_at_1"], values["ndcg_at_3"], values["dcg_at_2"]),
            Is.EqualTo((
                metrics.NormalizedDiscountedCumulativeGains[0],
                metrics.NormalizedDiscountedCumulativeGains[2],
                metrics.DiscountedCumulativeGains[1])));
    }

    [Test]
    public async Task A_clustering_without_labels_has_a_value_that_is_no_number()
    {
        var data = TestData.Wine(_ml);
        var model = Normalized(data, _ml.Clustering.Trainers.KMeans(numberOfClusters: 3));
        var metrics = _ml.Clustering.Evaluate(model.Transform(data), featureColumnName: "Features");
        _run.Run.LogMetrics(metrics);
        Assert.That(await ValuesAsync(), Is.EqualTo(new Dictionary<string, double>
        {
            ["average_distance"] = metrics.AverageDistance,
            ["davies_bouldin_index"] = metrics.DaviesBouldinIndex,
            ["normalized_mutual_information"] = double.NaN,
        }));
    }

    [Test]
    public async Task An_anomaly_detection_has_its_metrics()
    {
        var data = TestData.Cancer(_ml);
        var model = _ml.AnomalyDetection.Trainers.RandomizedPca(new RandomizedPcaTrainer.Options { Rank = 2, Seed = 1 }).Fit(data);
        var scored = _ml.Transforms.Conversion.ConvertType("Label", outputKind: DataKind.Single).Fit(data).Transform(model.Transform(data));
        var metrics = _ml.AnomalyDetection.Evaluate(scored, falsePositiveCount: 5);
        _run.Run.LogMetrics(metrics);
        Assert.That(await ValuesAsync(), Is.EqualTo(new Dictionary<string, double>
        {
            ["roc_auc"] = metrics.AreaUnderRocCurve,
            ["detection_rate_at_false_positive_count"] = metrics.DetectionRateAtFalsePositiveCount,
        }));
    }

    [Test]
    public void A_prefix_that_is_no_key_is_refused()
    {
        var data = TestData.Cancer(_ml);
        var model = Normalized(data, _ml.BinaryClassification.Trainers.AveragedPerceptron());
        var metrics = _ml.BinaryClassification.EvaluateNonCalibrated(model.Transform(data));
        Assert.That(() => _run.Run.LogMetrics(metrics, "a#b"), Throws.ArgumentException.With.Message.Contains("'#'"));
        Assert.That(() => _run.Run.LogMetrics((RegressionMetrics)null!), Throws.ArgumentNullException);
    }

    private TransformerChain<ITransformer> Normalized(IDataView data, IEstimator<ITransformer> trainer)
        => _ml.Transforms.NormalizeMinMax("Features").Append(trainer).Fit(data);

    private async Task<Dictionary<string, double>> ValuesAsync()
        => (await _run.StoredAsync()).Metrics.ToDictionary(metric => metric.Key, metric => metric.Value.Value);

    private sealed class Scored
    {
        public bool Label { get; set; }

        public bool PredictedLabel { get; set; }

        public float Probability { get; set; }
    }

    private sealed class Numbered
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class Ranked
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }

        [KeyType(6)]
        public uint Group { get; set; }
    }
}
