using Microsoft.ML;
using Microsoft.ML.Data;

namespace Quickstart;

/// <summary>The breast cancer data that lie beside the program: 30 features and whether the tumour is benign.</summary>
internal static class CancerData
{
    public const string Name = "breast-cancer-wisconsin";
    public const double TestFraction = 0.25;

    private const int FeatureCount = 30;

    public static string FilePath => Path.Combine(AppContext.BaseDirectory, $"{Name}.csv");

    /// <summary>Reads the data and splits them, every time in the same way.</summary>
    public static DataOperationsCatalog.TrainTestData Load(MLContext ml)
    {
        TextLoader.Column[] columns =
        [
            new("Features", DataKind.Single, 0, FeatureCount - 1),
            new("Label", DataKind.Boolean, FeatureCount),
        ];
        var rows = ml.Data.LoadFromTextFile(FilePath, columns, separatorChar: ',', hasHeader: true);

        // Without the cache every pass of every training would read the file again.
        return ml.Data.TrainTestSplit(ml.Data.Cache(rows), TestFraction, seed: 1);
    }
}
