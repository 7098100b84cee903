using Microsoft.ML;
using ModelTrack.Client;
using ModelTrack.Client.MLNet;

namespace Quickstart;

/// <summary>Trains a model and records all about it in its run.</summary>
internal static class Training
{
    public const int Folds = 5;

    /// <summary>
    /// Draws the learning curve on the training data: each fold is a child run with its own curve, the run itself gets their mean.
    /// </summary>
    /// <returns>The mean AUC of the models of full size.</returns>
    public static double CrossValidate(MLContext ml, Candidate candidate, IDataView trainSet, Run run)
    {
        var splits = ml.Data.CrossValidationSplit(trainSet, Folds, seed: 1);
        var mean = new (double Auc, double LogLoss)[candidate.Sizes.Count];
        foreach (var (number, split) in splits.Index())
        {
            using var fold = run.StartChild($"{candidate.Name}-fold-{number + 1}");
            foreach (var (index, size) in candidate.Sizes.Index())
            {
                var model = candidate.Pipeline(size).Fit(split.TrainSet);
                var metrics = ml.BinaryClassification.Evaluate(model.Transform(split.TestSet));
                fold.LogMetric("cv/auc", metrics.AreaUnderRocCurve, step: size);
                fold.LogMetric("cv/log_loss", Nats(metrics.LogLoss), step: size);
                mean[index].Auc += metrics.AreaUnderRocCurve / Folds;
                mean[index].LogLoss += Nats(metrics.LogLoss) / Folds;
            }
        }

        foreach (var (index, size) in candidate.Sizes.Index())
        {
            run.LogMetric("cv/auc", mean[index].Auc, step: size).LogMetric("cv/log_loss", mean[index].LogLoss, step: size);
        }

        return mean[^1].Auc;
    }

    /// <summary>Trains on all of the training data and judges by the test data, which no training has seen.</summary>
    public static ITransformer TrainAndTest(MLContext ml, Candidate candidate, DataOperationsCatalog.TrainTestData data, Run run)
    {
        var model = candidate.Pipeline(candidate.Sizes[^1]).Fit(data.TrainSet);
        var predictions = model.Transform(data.TestSet);
        var test = ml.BinaryClassification.Evaluate(predictions);
        run.LogMetric("auc", test.AreaUnderRocCurve)
            .LogMetric("auprc", test.AreaUnderPrecisionRecallCurve)
            .LogMetric("accuracy", test.Accuracy)
            .LogMetric("f1", test.F1Score)
            .LogMetric("precision", test.PositivePrecision)
            .LogMetric("recall", test.PositiveRecall)
            .LogMetric("log_loss", Nats(test.LogLoss));

        var rows = ml.Data.CreateEnumerable<Prediction>(predictions, reuseRowObject: false).ToList();
        LogReport(run, "confusion_matrix", Report.ConfusionMatrix(rows));
        LogReport(run, "roc", Report.RocCurve(rows));
        run.LogModel(ml, model, data.TrainSet.Schema, inputExample: data.TrainSet);
        return model;
    }

    /// <summary>ML.NET counts the log loss in bits, everybody else (scikit-learn, XGBoost) by the natural logarithm.</summary>
    private static double Nats(double bits) => bits * Math.Log(2);

    /// <summary>As a table that MLflow shows, and as a CSV file for everything else.</summary>
    private static void LogReport(Run run, string name, Report report) =>
        run.LogTable($"reports/{name}.json", report.Columns, report.Rows).LogText($"reports/{name}.csv", report.ToCsv());
}
