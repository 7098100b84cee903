using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Serving;

/// <summary>A model as <c>run.LogModel(mlContext, …)</c> logs it, with the signature that it finds out, is served to types of one's own.</summary>
internal sealed class ServedLoggedModelTests
{
    [Test]
    public async Task A_model_with_a_vector_of_features_is_served_as_it_was_logged()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new Tumour { Features = [i % 7, i % 3], Label = i % 7 > 3 }));
        var model = ml.BinaryClassification.Trainers.SdcaLogisticRegression().Fit(data);
        using var tracker = Tracker.InMemory();
        using var run = tracker.StartRun();
        await run.LogModelAsync(ml, model, data.Schema, registeredModelName: "tumours");
        await using var served = new ModelTrackModel<Row, Diagnosis>(tracker, "models:/tumours/1");
        await served.RefreshAsync();
        var row = new Row { Features = [6, 1] };
        var own = ml.Data.CreateEnumerable<Diagnosis>(model.Transform(ml.Data.LoadFromEnumerable([new Tumour { Features = [6, 1] }])), false).Single();
        Assert.That(served.Predict(row).Value.Probability, Is.EqualTo(own.Probability));
    }

    private sealed class Tumour
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    /// <summary>Without the label, and without the vector's size.</summary>
    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class Diagnosis
    {
        public float Probability { get; set; }
    }
}
