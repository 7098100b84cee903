using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace ModelTrack.Client.MLNet.Tests;

/// <summary>The example in the package's README, word for word; <see cref="ReadmeTests"/> compares and runs it.</summary>
internal static class ReadmeExample
{
    [SuppressMessage("Performance", "CA1859", Justification = "It is written as one reads it.")]
    public static void Run(MLContext ml, DataOperationsCatalog.TrainTestData split, IEstimator<ITransformer> pipeline)
    {
        // begin
        using var tracker = new Tracker("./mlruns");
        using var run = tracker.StartRun("fast-tree", experiment: "breast-cancer");

        var options = new FastTreeBinaryTrainer.Options { NumberOfTrees = 50, TestFrequency = 1 };
        run.LogTrainer(options) // hyper-parameters → params
            .LogDataset(split.TrainSet, "cancer.csv", "cancer", "training") // schema, profile, digest → data sets of the run
            .LogDataset(split.TestSet, "cancer.csv", "cancer-test", "eval");

        ITransformer model;
        using (ml.LogProgressTo(run)) // what the trainer says while it trains → metrics
        {
            model = ml.BinaryClassification.Trainers.FastTree(options).Fit(split.TrainSet, split.TestSet);
        }

        run.LogMetrics(ml.BinaryClassification.Evaluate(model.Transform(split.TestSet)), prefix: "test"); // and the confusion matrix
        run.LogCrossValidation(ml.BinaryClassification.CrossValidate(split.TrainSet, pipeline), prefix: "cv"); // folds → child runs
        run.LogModel(ml, model, split.TrainSet.Schema, inputExample: split.TrainSet); // model.zip, signature, example → the run's model

        // end
    }
}
