namespace ModelTrack.Client.Tests.Models;

internal sealed class ModelSignatureTests
{
    [Test]
    public void Columns_of_every_kind_are_read_and_written_as_MLflow_does()
    {
        const string Json = """
            [{"type": "double", "name": "a", "required": true}, {"type": "array", "items": {"type": "array", "items": {"type": "string"}}, "name": "b", "required": false}, {"type": "object", "properties": {"p1": {"type": "long", "required": true}, "p2": {"type": "array", "items": {"type": "long"}, "required": false}}, "name": "c", "required": true}, {"type": "map", "values": {"type": "float"}, "name": "d", "required": true}, {"type": "any", "name": "e", "required": false}, {"type": "sparkml_vector", "name": "f", "required": true}, {"type": "binary", "name": "\u00e9\"\ud83d\ude00", "required": true}]
            """;
        var schema = ModelSchema.FromJson(Json);
        Assert.That(schema.ToJson(), Is.EqualTo(Json));
        Assert.That(schema, Is.EqualTo(new ModelSchema(
            new ColumnSpec(ColumnType.Double, "a"),
            new ColumnSpec(ColumnType.Array(ColumnType.Array(ColumnType.String)), "b", Required: false),
            new ColumnSpec(
                ColumnType.Object(
                    new ColumnProperty("p2", ColumnType.Array(ColumnType.Long), Required: false), new ColumnProperty("p1", ColumnType.Long)),
                "c"),
            new ColumnSpec(ColumnType.Map(ColumnType.Float), "d"),
            new ColumnSpec(ColumnType.Any, "e", Required: false),
            new ColumnSpec(ColumnType.SparkVector, "f"),
            new ColumnSpec(ColumnType.Binary, "é\"😀"))));
        Assert.That(schema.IsTensors, Is.False);
        Assert.That(schema.HasNames);
    }

    [Test]
    public void Tensors_are_read_and_written_as_MLflow_does()
    {
        const string Json = """
            [{"name": "x", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}, {"name": "y", "type": "tensor", "tensor-spec": {"dtype": "str", "shape": []}}]
            """;
        var schema = ModelSchema.FromJson(Json);
        Assert.That(schema.ToJson(), Is.EqualTo(Json));
        Assert.That(schema, Is.EqualTo(new ModelSchema(new TensorSpec("float32", [-1, 4], "x"), new TensorSpec("str", [], "y"))));
        Assert.That(
            new ModelSchema(new TensorSpec("int64", [-1])).ToJson(), Is.EqualTo("""[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]"""));
    }

    [Test]
    public void Params_are_read_and_written_as_MLflow_does()
    {
        const string Json = """
            [{"name": "t", "default": 0.5, "shape": null, "type": "double"}, {"name": "l", "default": [1, 2], "shape": [-1], "type": "long"}, {"name": "d", "default": "2026-11-23T00:00:00", "shape": null, "type": "datetime"}, {"name": "o", "default": {"a": 1}, "shape": null, "type": "object", "properties": {"a": {"type": "long", "required": true}}}, {"name": "n", "default": NaN, "shape": null, "type": "float"}, {"name": "none", "default": null, "shape": null, "type": "string"}]
            """;
        var signature = ModelSignature.FromJson(null, null, Json);
        Assert.That(signature.ToManifest()["params"]?.AsText(), Is.EqualTo(Json));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(signature.Params[1].IsList);
            Assert.That(signature.Params[4].Default.AsNumber(), Is.NaN);
            Assert.That(signature.Params[5].Default.IsNull);
            Assert.That(ModelSignature.FromJson(null, null, """[{"name":"t","dtype":"double","default":1}]""").Params.Single(),
                Is.EqualTo(new ParamSpec("t", ColumnType.Double, 1.0)));
        }
    }

    [Test]
    public void Missing_required_means_required_and_optional_of_MLflow_2_is_understood_and_never_written()
    {
        var schema = ModelSchema.FromJson("""[{"name":"a","type":"long"},{"name":"b","type":"long","optional":true},{"name":"c","type":"long","optional":false}]""");
        Assert.That(schema.Columns.Select(column => column.Required), Is.EqualTo([true, false, true]));
        Assert.That(schema.ToJson(), Does.Not.Contain("optional"));
        Assert.That(ModelSchema.FromJson("""[{"type":"double"}]""").ToJson(), Is.EqualTo("""[{"type": "double", "required": true}]"""));
    }

    [TestCase("[]", "at least one column")]
    [TestCase("{}", "no list")]
    [TestCase("[1", "not valid")]
    [TestCase("", "not valid")]
    [TestCase("""[{"type":"double","name":"a"},{"type":"double"}]""", "column 1 differs")]
    [TestCase("""[{"type":"double","required":false}]""", "Column 0")]
    [TestCase("""[{"type":"double","name":"a"},{"type":"long","name":"a"}]""", "\"a\"")]
    [TestCase("""[{"type":"double","name":"a"},{"type":"tensor","tensor-spec":{"dtype":"int64","shape":[1]}}]""", "both columns and tensors")]
    [TestCase("""[{"type":"tensor","tensor-spec":{"dtype":"int64","shape":[1]}},{"type":"tensor","tensor-spec":{"dtype":"int64","shape":[1]}}]""", "must have a name")]
    [TestCase("""[{"name":"a"}]""", "the column \"a\" has no 'type'")]
    [TestCase("""[{"type":"decimal","name":"a"}]""", "the column \"a\" has the type \"decimal\"; MLflow has boolean, integer")]
    [TestCase("""[{"type":"array","name":"a"}]""", "the column \"a\" has no 'items'")]
    [TestCase("""[{"type":"map","name":"a","values":"string"}]""", "no 'values'")]
    [TestCase("""[{"type":"object","name":"a","properties":{}}]""", "at least one property")]
    [TestCase("""[{"type":"object","name":"a","properties":{"p":{"type":"x"}}}]""", "the property \"p\" of the column \"a\"")]
    [TestCase("""[{"type":"double","name":"a","required":"yes"}]""", "'required'")]
    [TestCase("""[{"type":"tensor"}]""", "tensor 0 has no 'tensor-spec'")]
    [TestCase("""[{"type":"tensor","name":"t","tensor-spec":{"dtype":"int64","shape":[1.5]}}]""", "the shape of the tensor \"t\"")]
    [TestCase("""[{"type":"tensor","name":"t","tensor-spec":{"dtype":"int64","shape":[-2]}}]""", "-2")]
    [TestCase("""[{"type":"tensor","name":"t","tensor-spec":{"shape":[1]}}]""", "'dtype'")]
    [TestCase("""[{"type":"double","type":"long","name":"a"}]""", "\"type\" comes twice")]
    [TestCase("""[{"type":"double","name":"\ud800"}]""", "not valid")]
    [TestCase("""[7]""", "column 0 has no 'type'")]
    public void A_broken_schema_is_refused_with_the_column_and_the_reason(string json, string reason)
        => Assert.That(Assert.Throws<InvalidDataException>(() => ModelSchema.FromJson(json))!.Message, Does.Contain(reason));

    [TestCase("""[{"name":"t","type":"long","default":0.5,"shape":null}]""", "the param \"t\" is \"0.5\", which is not of type long")]
    [TestCase("""[{"name":"t","type":"integer","default":3000000000,"shape":null}]""", "not of type integer")]
    [TestCase("""[{"name":"t","type":"boolean","default":1,"shape":null}]""", "not of type boolean")]
    [TestCase("""[{"name":"t","type":"string","default":1,"shape":null}]""", "not of type string")]
    [TestCase("""[{"name":"t","type":"datetime","default":"soon","shape":null}]""", "not of type datetime")]
    [TestCase("""[{"name":"t","type":"binary","default":"","shape":null}]""", "cannot be of type binary")]
    [TestCase("""[{"name":"t","type":"long","default":1,"shape":[-1]}]""", "is a list")]
    [TestCase("""[{"name":"t","type":"long","default":[1],"shape":[2]}]""", "shape [2]")]
    [TestCase("""[{"name":"t","type":"long","default":[1],"shape":null}]""", "not of type long")]
    [TestCase("""[{"name":"t","type":"long"}]""", "no 'default'")]
    [TestCase("""[{"type":"long","default":1}]""", "param 0 has no 'name'")]
    [TestCase("""[{"name":"t","type":"long","default":1},{"name":"t","type":"long","default":1}]""", "Two params")]
    public void Broken_params_are_refused_with_the_param_and_the_reason(string json, string reason)
        => Assert.That(Assert.Throws<InvalidDataException>(() => ModelSignature.FromJson(null, null, json))!.Message, Does.Contain(reason));

    [Test]
    public void An_empty_signature_is_none()
    {
        Assert.Throws<ArgumentException>(() => _ = new ModelSignature(null));
        Assert.That(ModelManifest.Parse("signature: {inputs: null, outputs: null, params: null}").Signature, Is.Null);
        Assert.That(ModelManifest.Parse("signature: null").Signature, Is.Null);
        Assert.That(ModelManifest.Parse("a: 1").Signature, Is.Null);
    }

    [Test]
    public void Types_that_are_nested_too_deeply_are_refused()
    {
        var json = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 40)) + """{"type":"long"}""" + new string('}', 40);
        Assert.Throws<InvalidDataException>(() => ModelSchema.FromJson($"[{json}]"));
        Assert.Throws<InvalidDataException>(() => ModelSchema.FromJson(new string('[', 100_000)));
    }
}
