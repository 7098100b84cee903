using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Models;

/// <summary>A folder with runs and models, an open run in it, and a model that was trained on the cancer data.</summary>
internal sealed class ModelStore : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("modeltrack-tests-");

    public ModelStore(bool inMemory = false)
    {
        Tracker = new Tracker(new TrackerOptions
        {
            TrackingUri = inMemory ? "memory:" : Path.Combine(_folder.FullName, "mlruns"),
            ModelCacheDirectory = Path.Combine(_folder.FullName, "cache"),
            CaptureContext = false,
        });
        Run = Tracker.StartRun("run", experiment: "e");
        Data = TestData.Cancer(Ml);
        Model = Ml.BinaryClassification.Trainers.FastTree(numberOfLeaves: 4, numberOfTrees: 5).Fit(Data);
    }

    public MLContext Ml { get; } = new(seed: 1);

    public Tracker Tracker { get; }

    public Run Run { get; }

    public IDataView Data { get; }

    public ITransformer Model { get; }

    public string ModelUri => $"runs:/{Run.Id}/model";

    /// <summary>All scores and classes, to the last bit.</summary>
    public List<(float Score, bool Label)> Predict(ITransformer model)
    {
        var rows = model.Transform(Data);
        return [.. rows.GetColumn<float>("Score").Zip(rows.GetColumn<bool>("PredictedLabel"))];
    }

    /// <summary>The file of the run's model in the folder.</summary>
    public string FileOf(string name)
        => Directory.GetFiles(Path.Combine(_folder.FullName, "mlruns"), name, SearchOption.AllDirectories).Single();

    public void Dispose()
    {
        Run.Dispose();
        Tracker.Dispose();
        _folder.Delete(recursive: true);
    }
}
