using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet.Tests.Models;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunModelTests : IDisposable
{
    private readonly ModelStore _store = new();

    public void Dispose() => _store.Dispose();

    [Test]
    public async Task A_logged_model_has_its_flavor_its_signature_and_an_example()
    {
        var info = await _store.Run.LogModelAsync(_store.Ml, _store.Model, _store.Data.Schema, "model", inputExample: _store.Data);
        var local = await _store.Tracker.Models.DownloadAsync(info.ModelUri);
        using var example = JsonDocument.Parse(File.ReadAllText(Path.Combine(local.Folder, "input_example.json")));
        var rows = example.RootElement.GetProperty("data").EnumerateArray().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(info.ModelUri, Is.EqualTo(_store.ModelUri));
            Assert.That(local.Manifest.Flavors.Keys, Is.EqualTo(new[] { "mlnet" }));
            Assert.That(local.Manifest.Flavors["mlnet"]["data"]?.AsText(), Is.EqualTo("model.zip"));
            Assert.That(local.Manifest.Flavors["mlnet"]["mlnet_version"]?.AsText(), Does.Match(@"^\d+\.\d+\.\d+"));
            Assert.That(
                local.Signature?.Inputs?.ToJson(),
                Is.EqualTo("""[{"type": "array", "items": {"type": "double"}, "name": "Features", "required": true}]"""));
            Assert.That(
                local.Signature?.Outputs?.Columns,
                Is.EqualTo(new ColumnSpec[]
                {
                    new(ModelTrack.Client.ColumnType.Boolean, "PredictedLabel"),
                    new(ModelTrack.Client.ColumnType.Float, "Score"),
                    new(ModelTrack.Client.ColumnType.Float, "Probability"),
                }));
            Assert.That(example.RootElement.GetProperty("columns")[0].GetString(), Is.EqualTo("Features"));
            Assert.That(rows, Has.Count.EqualTo(5));
            Assert.That(
                rows[0][0].EnumerateArray().Select(item => item.GetSingle()),
                Is.EqualTo(_store.Data.GetColumn<float[]>("Features").First()));
        });
    }

    [Test]
    public async Task A_loaded_model_predicts_what_the_one_in_memory_predicts()
    {
        _store.Run.LogModel(_store.Ml, _store.Model, _store.Data.Schema, registeredModelName: "cancer");
        await _store.Tracker.Registry.SetAliasAsync("cancer", "champion", 1);
        var loaded = await _store.Tracker.Models.LoadMLNetAsync(_store.Ml, "models:/cancer@champion");
        Assert.That(_store.Predict(loaded), Is.EqualTo(_store.Predict(_store.Model)));
    }

    [Test]
    public async Task A_tracker_in_memory_keeps_models_too()
    {
        using var store = new ModelStore(inMemory: true);
        var info = await store.Run.LogModelAsync(store.Ml, store.Model, store.Data.Schema, registeredModelName: "cancer");
        var loaded = await store.Tracker.Models.LoadMLNetAsync(store.Ml, "models:/cancer/1");
        Assert.That(info.Version, Is.EqualTo(1));
        Assert.That(store.Predict(loaded), Is.EqualTo(store.Predict(store.Model)));
    }

    [Test]
    public async Task What_the_options_say_goes_before_what_is_found_out()
    {
        var signature = new ModelSignature(new ModelSchema(new ColumnSpec(ModelTrack.Client.ColumnType.String, "own")));
        var info = await _store.Run.LogModelAsync(_store.Ml, _store.Model, _store.Data.Schema, options: new LogModelOptions
        {
            Signature = signature,
            Metadata = ModelValue.Map(("owner", "oncology")),
            Flavors = { ["other"] = ModelValue.Map(("x", 1)) },
            RegisteredModelName = "cancer",
        });
        Assert.Multiple(() =>
        {
            Assert.That(info.Manifest.Signature, Is.EqualTo(signature));
            Assert.That(info.Manifest.Metadata?["owner"]?.AsText(), Is.EqualTo("oncology"));
            Assert.That(info.Manifest.Flavors.Keys, Is.EquivalentTo(new[] { "mlnet", "other" }));
            Assert.That(info.Manifest.SavedInputExample, Is.Null);
            Assert.That((info.RegisteredModelName, info.Version), Is.EqualTo(("cancer", 1)));
        });
    }

    [Test]
    public async Task Data_without_rows_give_no_example()
    {
        var none = _store.Ml.Data.SkipRows(_store.Data, 1000);
        var info = await _store.Run.LogModelAsync(_store.Ml, _store.Model, _store.Data.Schema, inputExample: none);
        Assert.That(info.Manifest.SavedInputExample, Is.Null);
    }

    [Test]
    public void An_example_without_a_column_that_the_model_needs_is_refused_by_its_name_and_type()
    {
        var other = _store.Ml.Data.LoadFromEnumerable(new[] { new { Label = true } });
        Assert.That(
            () => _store.Run.LogModel(_store.Ml, _store.Model, _store.Data.Schema, inputExample: other),
            Throws.ArgumentException.With.Message.Contains("no column 'Features' (Vector<Single, 30>)"));
        var wrong = _store.Ml.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(_store.Data).Transform(_store.Data);
        Assert.That(
            () => _store.Run.LogModel(_store.Ml, _store.Model, _store.Data.Schema, inputExample: wrong),
            Throws.ArgumentException.With.Message.Contains("has the type Vector<Double, 30>, and the model needs Vector<Single, 30>"));
    }

    [Test]
    public void A_model_that_does_not_fit_the_schema_is_refused_and_nothing_is_stored()
    {
        var other = _store.Ml.Data.LoadFromEnumerable(new[] { new { Label = true } });
        Assert.That(
            () => _store.Run.LogModel(_store.Ml, _store.Model, other.Schema), Throws.InstanceOf<ArgumentException>().With.Message.Contains("Features"));
        Assert.That(() => _store.FileOf("MLmodel"), Throws.InvalidOperationException);
    }

    [Test]
    public async Task A_disabled_tracker_stores_nothing()
    {
        using var run = Tracker.Disabled.StartRun("run");
        var info = await run.LogModel(_store.Ml, _store.Model, _store.Data.Schema).LogModelAsync(_store.Ml, _store.Model, _store.Data.Schema);
        Assert.That(info.RunId, Is.Empty);
    }
}
