using Microsoft.ML;
using Microsoft.ML.Data;
using ModelTrack.Client.MLNet;

namespace ModelTrack.Client.Benchmarks.Paths;

/// <summary>Opening a model of ML.NET by its alias from the cache, without asking anybody; over ML.NET's own Load of the same file.</summary>
internal static class CachedModel
{
    private const int Rounds = 11;
    private const int Limit = 5;
    private const string Uri = "models:/benchmark@champion";

    public static async Task<Figure> MeasureAsync(string folder)
    {
        var ml = new MLContext(seed: 1);
        var rows = Enumerable.Range(0, 2000).Select(i => new Row { Features = [.. Enumerable.Range(0, 30).Select(k => (i * (k + 7) % 101) / 100f)], Label = i % 3 == 0 });
        var data = ml.Data.LoadFromEnumerable(rows);
        var model = ml.BinaryClassification.Trainers.FastTree(numberOfTrees: 100).Fit(data);
        var options = new TrackerOptions { TrackingUri = Path.Combine(folder, "mlruns"), ModelCacheDirectory = Path.Combine(folder, "cache") };
        using (var tracker = new Tracker(options))
        using (var run = tracker.StartRun())
        {
            var info = await run.LogModelAsync(ml, model, data.Schema, registeredModelName: "benchmark");
            await tracker.Registry.SetAliasAsync("benchmark", "champion", info.Version!.Value);
            await tracker.Models.DownloadAsync(Uri);
        }

        options.ModelCacheOnly = true;
        using var offline = new Tracker(options);
        var file = Path.Combine((await offline.Models.DownloadAsync(Uri)).Path, "model.zip");
        var (ours, bare) = (new Samples(), new Samples());
        for (var round = 0; round < Rounds; round++)
        {
            await ours.TimeAsync(() => offline.Models.LoadMLNetAsync(ml, Uri));
            bare.Time(() => ml.Model.Load(file, out _));
        }

        return Figure.AtMost("cached model of ML.NET by its alias, over ML.NET's own Load", ours.Median - bare.Median, "ms", Limit, bare.Median);
    }

    private sealed class Row
    {
        [VectorType(30)]
        public required float[] Features { get; init; }

        public bool Label { get; init; }
    }
}
