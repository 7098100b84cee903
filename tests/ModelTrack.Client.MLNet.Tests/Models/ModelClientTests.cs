using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using NUnit.Framework.Constraints;

namespace ModelTrack.Client.MLNet.Tests.Models;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ModelClientTests : IDisposable
{
    private readonly ModelStore _store = new();

    public ModelClientTests() => _store.Run.LogModel(_store.Ml, _store.Model, _store.Data.Schema);

    public void Dispose() => _store.Dispose();

    [Test]
    public async Task An_engine_predicts_what_the_model_in_memory_predicts_and_the_size_of_vectors_need_not_be_said()
    {
        using var engine = await _store.Tracker.Models.LoadPredictionEngineAsync<Patient, Diagnosis>(_store.Ml, _store.ModelUri);
        var predicted = _store.Data.GetColumn<float[]>("Features").Take(20)
            .Select(features => engine.Predict(new Patient { Features = features }))
            .Select(diagnosis => (diagnosis.Score, diagnosis.IsBenign));
        Assert.That(predicted, Is.EqualTo(_store.Predict(_store.Model).Take(20)));
    }

    [Test]
    public void A_missing_column_is_named_with_the_type_that_is_expected()
        => Assert.That(
            () => _store.Tracker.Models.LoadPredictionEngineAsync<Diagnosis, Diagnosis>(_store.Ml, _store.ModelUri),
            Misfit("needs the column 'Features' (array of double, in ML.NET Vector<Single, 30>)"));

    [Test]
    public void A_column_of_another_type_is_named_with_both_types()
    {
        Assert.That(
            () => _store.Tracker.Models.LoadPredictionEngineAsync<Doubles, Diagnosis>(_store.Ml, _store.ModelUri),
            Misfit("'Features' to be array of double, in ML.NET Vector<Single, 30>, and in " + typeof(Doubles) + " it is array of double"));
        Assert.That(
            () => _store.Tracker.Models.LoadPredictionEngineAsync<Short, Diagnosis>(_store.Ml, _store.ModelUri),
            Misfit("it is array of double, in ML.NET Vector<Single, 29>"));
    }

    [Test]
    public void A_column_that_the_model_does_not_give_is_named_with_those_that_it_gives()
    {
        Assert.That(
            () => _store.Tracker.Models.LoadPredictionEngineAsync<Patient, Typo>(_store.Ml, _store.ModelUri),
            Misfit("'Probablity'").And.Message.Contains("It gives 'PredictedLabel' (boolean, in ML.NET Boolean), 'Score' (float, in ML.NET Single)"));
        Assert.That(
            () => _store.Tracker.Models.LoadPredictionEngineAsync<Patient, DoubleScore>(_store.Ml, _store.ModelUri),
            Misfit("gives the column 'Score' as float, in ML.NET Single, and in " + typeof(DoubleScore) + " it is double"));
    }

    [Test]
    public async Task A_label_whose_names_the_pipeline_knows_is_part_of_the_row()
    {
        var data = _store.Ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 20).Select(i => new Named { X = i, Label = (i / 10).ToString(CultureInfo.InvariantCulture) }));
        var model = _store.Ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_store.Ml.Transforms.Concatenate("Features", "X"))
            .Append(_store.Ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(_store.Ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(data);
        var info = await _store.Run.LogModelAsync(_store.Ml, model, data.Schema, "named");
        using var engine = await _store.Tracker.Models.LoadPredictionEngineAsync<Named, Name>(_store.Ml, info.ModelUri);
        Assert.That(engine.Predict(new Named { X = 19 }).PredictedLabel, Is.EqualTo("1"));
        Assert.That(
            () => _store.Tracker.Models.LoadPredictionEngineAsync<Unnamed, Name>(_store.Ml, info.ModelUri),
            Misfit("needs the column 'Label' (string, in ML.NET String)"));
    }

    [Test]
    public void A_model_file_that_is_cut_off_or_damaged_is_said_to_be_damaged([Values(0, 1, 100, 1000, -1, -500)] int length)
    {
        var file = _store.FileOf("model.zip");
        var content = File.ReadAllBytes(file);
        File.WriteAllBytes(file, length >= 0 ? content[..length] : content[..^-length]);
        Assert.That(
            () => _store.Tracker.Models.LoadMLNetAsync(_store.Ml, _store.ModelUri),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("model.zip").And.Message.Contains(_store.ModelUri));
    }

    [Test]
    public void A_model_without_its_file_says_which_is_missing()
    {
        File.Delete(_store.FileOf("model.zip"));
        Assert.That(
            () => _store.Tracker.Models.LoadMLNetAsync(_store.Ml, _store.ModelUri), Invalid("has no file 'model.zip', which its manifest names"));
    }

    [Test]
    public void A_manifest_that_names_a_file_outside_of_the_model_is_refused()
    {
        var outside = _store.FileOf("model.zip");
        foreach (var path in new[] { outside, "../model.zip", "", "." })
        {
            var manifest = ModelManifest.Load(_store.FileOf("MLmodel"));
            (manifest with { Flavors = new Dictionary<string, ModelValue> { ["mlnet"] = ModelValue.Map(("data", path)) } })
                .Save(Path.GetDirectoryName(outside)!);
            Assert.That(
                () => _store.Tracker.Models.LoadMLNetAsync(_store.Ml, _store.ModelUri), Invalid($"names the file '{path}', which is outside"));
        }
    }

    [Test]
    public async Task A_model_of_another_flavor_says_which_it_has()
    {
        var file = _store.FileOf("model.zip");
        var info = await _store.Run.LogModelAsync(
            file, "other", new LogModelOptions { Flavors = { ["sklearn"] = ModelValue.Map(("data", "model.zip")) } });
        Assert.That(() => _store.Tracker.Models.LoadMLNetAsync(_store.Ml, info.ModelUri), Invalid("it has the flavors sklearn, and no 'mlnet'"));
    }

    [Test]
    public void A_model_that_does_not_exist_is_said_not_to_exist()
        => Assert.That(
            () => _store.Tracker.Models.LoadMLNetAsync(_store.Ml, "models:/cancer@champion"),
            Throws.InstanceOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.ResourceDoesNotExist));

    private static ContainsConstraint Invalid(string message)
        => Throws.InstanceOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.InvalidState).And.Message.Contains(message);

    private static ContainsConstraint Misfit(string message)
        => Throws.InstanceOf<ModelTrackException>().With.Property("ErrorCode").EqualTo(ErrorCode.InvalidParameterValue).And.Message.Contains(message);

    private sealed class Patient
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class Doubles
    {
        public double[] Features { get; set; } = [];
    }

    private sealed class Short
    {
        [VectorType(29)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Diagnosis
    {
        public float Score { get; set; }

        [ColumnName("PredictedLabel")]
        public bool IsBenign { get; set; }
    }

    private sealed class Typo
    {
        public float Probablity { get; set; }
    }

    private sealed class DoubleScore
    {
        public double Score { get; set; }
    }

    private sealed class Named
    {
        public float X { get; set; }

        public string Label { get; set; } = "";
    }

    private sealed class Unnamed
    {
        public float X { get; set; }
    }

    private sealed class Name
    {
        public string PredictedLabel { get; set; } = "";
    }
}
