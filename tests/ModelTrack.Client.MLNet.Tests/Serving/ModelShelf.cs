using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Serving;

/// <summary>A tracker whose registered model <c>scale</c> has versions that multiply X by a number.</summary>
internal sealed class ModelShelf : IDisposable
{
    public const string Name = "scale";
    public const string ChampionUri = $"models:/{Name}@champion";

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("modeltrack-tests-");
    private readonly MLContext _ml = new(seed: 1);
    private readonly string _trackingUri;

    /// <param name="trackingUri">Default: in memory.</param>
    public ModelShelf(string? trackingUri = null)
    {
        _trackingUri = trackingUri ?? "memory:";
        Tracker = Open();
    }

    public Tracker Tracker { get; }

    /// <summary>Another tracker of the same store, with the same cache.</summary>
    public Tracker Open() => new(new TrackerOptions
    {
        TrackingUri = _trackingUri,
        CaptureContext = false,
        JournalDirectory = Path.Combine(_scratch.FullName, "journal"),
        ModelCacheDirectory = Path.Combine(_scratch.FullName, "cache"),
        ShutdownTimeout = TimeSpan.Zero,
    });

    /// <summary>Adds a version that multiplies by <paramref name="factor"/>.</summary>
    public Task<int> AddAsync(int factor, ModelSignature? signature = null)
    {
        var rows = _ml.Data.LoadFromEnumerable<Row>([]);
        var model = _ml.Transforms.Expression("Y", $"(x) => x * {factor}f", "X").Fit(rows);
        return AddAsync(model, rows.Schema, signature ?? new ModelSignature(new ModelSchema(new ColumnSpec(Client.ColumnType.Float, "X"))));
    }

    public Task<int> AddAsync(ITransformer model, DataViewSchema schema, ModelSignature? signature = null)
        => AddAsync(file => _ml.Model.Save(model, schema, file), signature);

    /// <summary>Adds a version with that text for a model.</summary>
    public Task<int> AddBrokenAsync() => AddAsync(file => File.WriteAllText(file, "no zip archive"), null);

    public Task PointAsync(int version) => Tracker.Registry.SetAliasAsync(Name, "champion", version);

    public void Dispose()
    {
        Tracker.Dispose();
        _scratch.Delete(recursive: true);
    }

    private async Task<int> AddAsync(Action<string> save, ModelSignature? signature)
    {
        using var run = Tracker.StartRun("training", experiment: "serving");
        var info = await run.LogModelAsync(
            folder => save(Path.Combine(folder, "model.zip")),
            "model",
            new LogModelOptions
            {
                Flavors = { ["mlnet"] = ModelValue.Map(("data", "model.zip")) },
                Signature = signature,
                RegisteredModelName = Name,
            });
        return info.Version!.Value;
    }

    public sealed class Row
    {
        public float X { get; set; }
    }

    public sealed class Scaled
    {
        public float Y { get; set; }
    }

    public sealed class Vector
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }
}
