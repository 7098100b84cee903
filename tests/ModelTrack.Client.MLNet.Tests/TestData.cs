using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests;

/// <summary>Two small sets of real data.</summary>
internal static class TestData
{
    private const int CancerFeatures = 30;
    private const int WineFeatures = 13;

    public static string CancerPath => Path.Combine(TestContext.CurrentContext.TestDirectory, "Data", "breast-cancer-wisconsin.csv");

    public static string WinePath => Path.Combine(TestContext.CurrentContext.TestDirectory, "Data", "wine.csv");

    /// <summary>Features, and as label whether a tumour is benign.</summary>
    public static IDataView Cancer(MLContext ml) => Load(
        ml,
        CancerPath,
        new TextLoader.Column("Features", DataKind.Single, 0, CancerFeatures - 1),
        new TextLoader.Column("Label", DataKind.Boolean, CancerFeatures));

    /// <summary>Features, the cultivar as a key called by names, and the alcohol as a number.</summary>
    public static IDataView Wine(MLContext ml)
    {
        var rows = Load(
            ml,
            WinePath,
            new TextLoader.Column("Alcohol", DataKind.Single, 0),
            new TextLoader.Column("Features", DataKind.Single, 1, WineFeatures - 1),
            new TextLoader.Column("Cultivar", DataKind.String, WineFeatures));
        var names = ml.Data.LoadFromEnumerable(new[] { new Cultivar("0", "Barolo / old"), new Cultivar("1", "Grignolino"), new Cultivar("2", "Barbera") });
        return ml.Transforms.Conversion.MapValue("Name", names, names.Schema["Number"], names.Schema["Name"], "Cultivar")
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "Name"))
            .Fit(rows).Transform(rows);
    }

    private static IDataView Load(MLContext ml, string path, params TextLoader.Column[] columns)
        => ml.Data.Cache(ml.Data.LoadFromTextFile(path, columns, separatorChar: ',', hasHeader: true));

    private sealed record Cultivar(string Number, string Name);
}
