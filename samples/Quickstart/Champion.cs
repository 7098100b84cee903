using Microsoft.ML;
using ModelTrack.Client;
using ModelTrack.Client.MLNet;

namespace Quickstart;

/// <summary>The model that other programs use: <c>models:/breast-cancer@champion</c>.</summary>
internal static class Champion
{
    public const string Uri = $"models:/{ModelName}@{Alias}";

    private const string ModelName = "breast-cancer";
    private const string Alias = "champion";

    /// <summary>Makes it a new version of the registered model, to which the alias points from now on.</summary>
    public static async Task<ModelVersion> PromoteAsync(Tracker tracker, Trained best)
    {
        var tags = new Dictionary<string, string> { ["candidate"] = best.Name, ["dataset"] = CancerData.Name };
        var version = await tracker.Registry.RegisterModelAsync(ModelName, $"runs:/{best.RunId}/model", tags);
        await tracker.Registry.SetAliasAsync(ModelName, Alias, version.Version);
        return version;
    }

    /// <summary>Loads the model as another program would, and counts the rows that it predicts exactly as the one in memory.</summary>
    public static async Task<(int Same, int All)> CompareAsync(Tracker tracker, MLContext ml, ITransformer inMemory, IDataView testSet)
    {
        var loaded = await tracker.Models.LoadMLNetAsync(ml, Uri);
        var expected = Predict(inMemory);
        return (Predict(loaded).Zip(expected).Count(pair => pair.First == pair.Second), expected.Count);

        List<Prediction> Predict(ITransformer model) =>
            ml.Data.CreateEnumerable<Prediction>(model.Transform(testSet), reuseRowObject: false).ToList();
    }
}
