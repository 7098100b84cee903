using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace Quickstart;

/// <summary>A kind of model to try.</summary>
/// <param name="Name">The name of its run.</param>
/// <param name="Params">What it is made with, as logged.</param>
/// <param name="Sizes">How many iterations or trees it is given, point by point of its learning curve; the last is the model's own.</param>
/// <param name="Pipeline">The pipeline for one of the <paramref name="Sizes"/>.</param>
internal sealed record Candidate(string Name, object Params, IReadOnlyList<int> Sizes, Func<int, IEstimator<ITransformer>> Pipeline)
{
    public static Candidate[] All(MLContext ml, int trees) => [Sdca(ml), FastTree(ml, trees)];

    private static Candidate Sdca(MLContext ml)
    {
        var options = new
        {
            trainer = "SdcaLogisticRegression",
            iterations = 50,
            l2 = 0.01f,
            tolerance = 0.001f,
            normalization = "mean-variance",
        };
        return new Candidate("sdca", options, [1, 2, 3, 5, 8, 12, 20, 30, options.iterations], iterations =>
            ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)
                .Append(ml.BinaryClassification.Trainers.SdcaLogisticRegression(new SdcaLogisticRegressionBinaryTrainer.Options
                {
                    MaximumNumberOfIterations = iterations,
                    L2Regularization = options.l2,
                    ConvergenceTolerance = options.tolerance,
                    NumberOfThreads = 1, // with several, the results would differ from start to start
                })));
    }

    private static Candidate FastTree(MLContext ml, int trees)
    {
        var options = new { trainer = "FastTree", trees, leaves = 4, rows_per_leaf = 5, learning_rate = 0.1 };
        var eighths = Enumerable.Range(1, 8).Select(eighth => (int)Math.Ceiling(trees * eighth / 8.0)).Distinct();
        return new Candidate("fast-tree", options, [.. eighths], count =>
            ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
            {
                NumberOfTrees = count,
                NumberOfLeaves = options.leaves,
                MinimumExampleCountPerLeaf = options.rows_per_leaf,
                LearningRate = options.learning_rate,
                NumberOfThreads = 1,
            }));
    }
}
