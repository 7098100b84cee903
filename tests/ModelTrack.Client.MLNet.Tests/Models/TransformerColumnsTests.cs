using Microsoft.ML;

namespace ModelTrack.Client.MLNet.Tests.Models;

internal sealed class TransformerColumnsTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void A_label_that_the_pipeline_turns_into_a_key_is_wanted_by_MLNet_and_needed_by_no_prediction()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Flower
        {
            Length = i,
            Width = 20 - i,
            Color = i % 2 == 0 ? "blue" : "red",
            Note = "unused",
            Label = i < 10 ? "iris" : "rose",
        }));
        var model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.Categorical.OneHotEncoding("Color"))
            .Append(_ml.Transforms.Concatenate("Features", "Length", "Width", "Color"))
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(data);
        Assert.That(
            TransformerColumns.Of(model, data.Schema).ToSignature()!.ToString(),
            Is.EqualTo(new ModelSignature(
                new ModelSchema(
                    new ColumnSpec(ModelTrack.Client.ColumnType.Float, "Length"),
                    new ColumnSpec(ModelTrack.Client.ColumnType.Float, "Width"),
                    new ColumnSpec(ModelTrack.Client.ColumnType.String, "Color"),
                    new ColumnSpec(ModelTrack.Client.ColumnType.String, "Label", Required: false)),
                new ModelSchema(
                    new ColumnSpec(ModelTrack.Client.ColumnType.String, "PredictedLabel"),
                    new ColumnSpec(ModelTrack.Client.ColumnType.Array(ModelTrack.Client.ColumnType.Double), "Score"))).ToString()));
    }

    [Test]
    public void Without_scores_the_outputs_are_what_is_new()
    {
        var data = TestData.Wine(_ml);
        var model = _ml.Transforms.CopyColumns("Copy", "Alcohol").Fit(data);
        Assert.That(Outputs(model, data), Is.EqualTo(new[] { "Copy" }));
        Assert.That(Needed(model, data), Is.EqualTo(new[] { "Alcohol" }));
    }

    [Test]
    public void A_model_that_only_replaces_columns_gives_all_of_them()
    {
        var data = TestData.Cancer(_ml);
        var model = _ml.Transforms.NormalizeMinMax("Features").Fit(data);
        Assert.That(Outputs(model, data), Is.EquivalentTo(new[] { "Features", "Label" }));
        Assert.That(Needed(model, data), Is.EqualTo(new[] { "Features", "Label" }));
    }

    [Test]
    public void What_MLflow_has_no_type_for_is_left_out()
    {
        var data = _ml.Data.LoadFromEnumerable(new[] { new { Duration = TimeSpan.FromSeconds(1), Number = 1f } });
        var number = _ml.Transforms.CopyColumns("Copy", "Number").Append(_ml.Transforms.CopyColumns("Time", "Duration")).Fit(data);
        var duration = _ml.Transforms.CopyColumns("Time", "Duration").Fit(data);
        var signature = TransformerColumns.Of(number, data.Schema).ToSignature()!;
        Assert.That(signature.Inputs!.Columns.Select(column => column.Name), Is.EqualTo(new[] { "Number" }));
        Assert.That(signature.Outputs!.Columns.Select(column => column.Name), Is.EqualTo(new[] { "Copy" }));
        Assert.That(TransformerColumns.Of(duration, data.Schema).ToSignature(), Is.Null);
    }

    private static IEnumerable<string> Outputs(ITransformer model, IDataView data)
        => TransformerColumns.Of(model, data.Schema).Outputs.Select(column => column.Name);

    private static IEnumerable<string> Needed(ITransformer model, IDataView data)
        => TransformerColumns.Of(model, data.Schema).Needed.Select(column => column.Name);

    private sealed class Flower
    {
        public float Length { get; set; }

        public float Width { get; set; }

        public string Color { get; set; } = "";

        public string Note { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
