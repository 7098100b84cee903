using System.Diagnostics;
using System.Globalization;

namespace ModelTrack.Client.Tests.Models;

internal sealed class ModelManifestTests
{
    private ScratchFolder _scratch = null!;

    [SetUp]
    public void MakeFolder() => _scratch = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _scratch.Dispose();

    [TestCaseSource(typeof(ModelFixture), nameof(ModelFixture.Names))]
    public void MLflows_own_manifests_read_and_written_back_mean_the_same(string name)
    {
        var manifest = ModelManifest.Load(ModelFixture.PathOf(name));
        manifest.Save(_scratch.Path);
        var again = ModelManifest.Load(_scratch.Path);
        Assert.That(again, Is.EqualTo(manifest));
        Assert.That(again.Signature, Is.EqualTo(manifest.Signature));

        // The JSON is the same to the letter: the texts in it are MLflow's own.
        Assert.That(again.ToJson().Length, Is.EqualTo(manifest.ToJson().Length));
        Assert.That((manifest with { Signature = manifest.Signature }).Entries["signature"], Is.EqualTo(manifest.Entries["signature"]));
        Assert.That((manifest with { SavedInputExample = manifest.SavedInputExample }), Is.EqualTo(manifest));
    }

    [Test]
    public void A_manifest_of_MLflow_is_taken_apart()
    {
        var manifest = ModelManifest.Load(ModelFixture.PathOf("sklearn-logreg", "MLmodel"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(manifest.Flavors.Keys, Is.EquivalentTo(["python_function", "sklearn"]));
            Assert.That(manifest.Flavors["sklearn"]["sklearn_version"]?.AsText(), Is.EqualTo("1.2.1"));
            Assert.That(manifest.Flavors["python_function"]["env"]?["conda"]?.AsText(), Is.EqualTo("conda.yaml"));
            Assert.That(manifest.Metadata?["team"]?.AsText(), Is.EqualTo("ml"));
            Assert.That(manifest.MlflowVersion, Is.EqualTo("3.11.2.dev0"));
            Assert.That(manifest.ModelId, Is.Null);
            Assert.That(manifest.ModelUuid, Is.EqualTo("c4063a8ecdb64cadb6e3d6990a8b8cb2"));
            Assert.That(manifest.ModelSizeBytes, Is.EqualTo(1147));
            Assert.That(manifest.RunId, Is.Null);
            Assert.That(manifest.ArtifactPath, Is.Null);
            Assert.That(manifest.UtcTimeCreated, Is.EqualTo(new DateTimeOffset(2026, 11, 23, 3, 18, 16, TimeSpan.Zero).AddTicks(8715410)));
            Assert.That(manifest.SavedInputExample, Has.Property("Type").EqualTo("dataframe").And.Property("PandasOrient").EqualTo("split"));
            Assert.That(manifest.SavedInputExample!.ServingInputPath, Is.EqualTo("serving_input_example.json"));
            Assert.That(manifest.SavedInputExample.HasParams, Is.False);
            Assert.That(manifest.Signature!.Inputs!.Columns.Select(column => column.Name), Is.EqualTo(["sepal length (cm)", "petal width (cm)"]));
            Assert.That(manifest.Signature.Outputs!.Tensors.Single(), Is.EqualTo(new TensorSpec("int64", [-1])));
            Assert.That(manifest.Entries["prompts"].IsNull);
        }
    }

    [Test]
    public void What_is_not_known_is_kept()
    {
        const string Text = """
            env_vars: [A, B]
            flavors:
              of_tomorrow: {a: 1, b: [x, {c: 1.5}], 3: three, yes: no, when: 2026-11-23}
            new_key:
              - - nested
                - ~
              - 0o17
              - 017
              - 1e5
              - 1.0e-07
              - .inf
              - -.inf
              - 123456789012345678901234567890
              - 'quoted ''it'' # no comment'
              - "\u00e9\U0001F600\n\x07"
              - |
                block
                text
              - ''
              - ' '
              - 'null'
              - '12'
              - y
              - {}
              - []
              - =
            resources: {api_version: '1', databricks: {}}
            """;
        var manifest = ModelManifest.Parse(Text) with { RunId = "0123" };
        var again = ModelManifest.Parse(manifest.ToYaml());
        Assert.That(again, Is.EqualTo(manifest));
        Assert.That(again.Entries.Keys, Is.EquivalentTo(["env_vars", "flavors", "new_key", "resources", "run_id"]));
        var items = again.Entries["new_key"].Items;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(again.Flavors["of_tomorrow"]["3"]?.AsText(), Is.EqualTo("three"));
            Assert.That(again.Flavors["of_tomorrow"].RawEntries.Select(entry => entry.Key.Kind), Does.Contain(ModelValueKind.Integer));
            Assert.That(again.Flavors["of_tomorrow"]["true"]?.AsBoolean(), Is.False);
            Assert.That(again.Flavors["of_tomorrow"]["when"]?.Kind, Is.EqualTo(ModelValueKind.Timestamp));
            Assert.That(items[0].Items[1].IsNull);
            Assert.That(items[1].AsText(), Is.EqualTo("0o17"));
            Assert.That(items[2].AsInteger(), Is.EqualTo(15));
            Assert.That(items[3].AsText(), Is.EqualTo("1e5"));
            Assert.That(items[4].AsNumber(), Is.EqualTo(1e-7));
            Assert.That(items[5].AsNumber(), Is.EqualTo(double.PositiveInfinity));
            Assert.That(items[7].Kind, Is.EqualTo(ModelValueKind.Integer));
            Assert.That(items[7].AsInteger(), Is.Null);
            Assert.That(items[7].ToString(), Is.EqualTo("123456789012345678901234567890"));
            Assert.That(items[8].AsText(), Is.EqualTo("quoted 'it' # no comment"));
            Assert.That(items[9].AsText(), Is.EqualTo("é😀\n\a"));
            Assert.That(items[10].AsText(), Is.EqualTo("block\ntext\n"));
            Assert.That(items.Skip(11).Take(5).Select(item => item.AsText()), Is.EqualTo(["", " ", "null", "12", "y"]));
        }
    }

    [TestCase("1_000", 1000)]
    [TestCase("-0x1F", -31)]
    [TestCase("0b101", 5)]
    [TestCase("+7", 7)]
    [TestCase("0", 0)]
    [TestCase("1:30", 90)]
    public void Whole_numbers_have_the_forms_of_YAML_1_1(string text, long expected)
        => Assert.That(ModelManifest.Parse($"a: {text}").Entries["a"].AsInteger(), Is.EqualTo(expected));

    [TestCase("1.", 1)]
    [TestCase("-1.5e+3", -1500)]
    [TestCase(".5", 0.5)]
    [TestCase("1:30.5", 90.5)]
    [TestCase("!!float 3", 3)]
    [TestCase(".NaN", double.NaN)]
    public void Other_numbers_have_the_forms_of_YAML_1_1(string text, double expected)
        => Assert.That(ModelManifest.Parse($"a: {text}").Entries["a"].AsNumber(), Is.EqualTo(expected));

    [Test]
    public void An_id_of_digits_stays_a_text()
    {
        var manifest = new ModelManifest { RunId = "12345678901234567890123456789012", ModelUuid = "12e45678901234567890123456789012" };
        Assert.That(manifest.ToYaml(), Does.Contain("run_id: '12345678901234567890123456789012'").And.Contain("model_uuid: '12e4"));
        Assert.That(ModelManifest.Parse("run_id: 123").RunId, Is.EqualTo("123"));
    }

    [Test]
    public void A_new_manifest_has_what_MLflow_needs()
    {
        var time = new DateTimeOffset(2026, 11, 23, 4, 18, 16, TimeSpan.FromHours(1)).AddTicks(1234567);
        var manifest = new ModelManifest
        {
            UtcTimeCreated = time,
            Flavors = ModelFlavors.Onnx(environment: PythonEnvironment.Onnx),
            Metadata = ModelValue.Map(("team", "a: b")),
            ModelSizeBytes = 7,
            RunId = "r",
            ArtifactPath = "model",
        };
        Assert.That(manifest.ToYaml(), Is.EqualTo($"""
            artifact_path: model
            flavors:
              onnx:
                code: null
                data: model.onnx
                onnx_session_options: null
                providers:
                - CUDAExecutionProvider
                - CPUExecutionProvider
              python_function:
                data: model.onnx
                env:
                  conda: conda.yaml
                  virtualenv: python_env.yaml
                loader_module: mlflow.onnx
                python_version: '3.11.7'
            metadata:
              team: 'a: b'
            mlflow_version: '3.11.1'
            model_size_bytes: 7
            model_uuid: '{manifest.ModelUuid}'
            run_id: r
            utc_time_created: '2026-11-23 03:18:16.123456'

            """.ReplaceLineEndings("\n").Replace($"'{manifest.ModelUuid}'", char.IsAsciiLetter(manifest.ModelUuid![0]) ? manifest.ModelUuid : $"'{manifest.ModelUuid}'")));
        Assert.That(manifest.ModelUuid, Does.Match("^[0-9a-f]{32}$"));
        Assert.That((manifest with { RunId = null }).Entries.Keys, Does.Not.Contain("run_id"));
        Assert.That(manifest with { RunId = null }, Is.Not.EqualTo(manifest));
    }

    [Test]
    public void Keys_that_are_too_long_for_one_line_are_written_all_the_same()
    {
        var key = new string('k', 3000);
        var manifest = new ModelManifest { Metadata = ModelValue.Map((key, ModelValue.Map((key, ModelValue.List(1, 2))))) };
        Assert.That(ModelManifest.Parse(manifest.ToYaml()), Is.EqualTo(manifest));
    }

    [Test]
    public void A_folder_without_a_manifest_is_no_model()
    {
        var error = Assert.Throws<ModelTrackException>(() => ModelManifest.Load(_scratch.Path));
        Assert.That(error!.ErrorCode, Is.EqualTo(ErrorCode.ResourceDoesNotExist));
        Assert.That(error.Message, Does.Contain(_scratch.Path));
    }

    [TestCase("", "empty")]
    [TestCase("# nothing", "empty")]
    [TestCase("just text", "no map")]
    [TestCase("- a\n- b", "no map")]
    [TestCase("a: [1", "line")]
    [TestCase("a: 'x", "line")]
    [TestCase("a: b: c", "line 1")]
    [TestCase("a: 1\n\tb: 2", "tab")]
    [TestCase("a: 1\nb: 2\na: 3", "line 3, column 1: the key \"a\" comes twice")]
    [TestCase("a: {b: 1, b: 2}", "\"b\" comes twice")]
    [TestCase("a: 1\n---\nb: 2", "second document")]
    [TestCase("a: \"x\0y\"", "U+0000")]
    [TestCase("a: \u0007", "line 1: the control character U+0007")]
    [TestCase("a: !mine x", "\"!mine\"")]
    [TestCase("a: !!binary aGk=", "\"binary\"")]
    [TestCase("a: !!int x", "tagged as something else")]
    [TestCase("a: !!float x", "no number")]
    [TestCase("a: *b", "names nothing")]
    [TestCase("a: &a [*a]", "stands in the value")]
    [TestCase("a: {<<: {b: 1}}", "merge key")]
    [TestCase("? [a]\n: 1", "key is a list")]
    [TestCase("flavors: [onnx]", "'flavors'")]
    [TestCase("flavors: {onnx: 1}", "\"onnx\" is no map")]
    [TestCase("run_id: [1]", "'run_id'")]
    [TestCase("signature: {inputs: 7}", "'inputs'")]
    [TestCase("signature: {inputs: '[{\"type\": \"duble\", \"name\": \"a\"}]'}", "the column \"a\" has the type \"duble\"")]
    public void What_is_no_manifest_is_refused_with_the_place_and_the_reason(string text, string reason)
        => Assert.That(Assert.Throws<InvalidDataException>(() => ModelManifest.Parse(text))!.Message, Does.Contain(reason));

    [TestCase("!!python/object/apply:os.system [ls]")]
    [TestCase("!!python/name:os.system ''")]
    [TestCase("!!python/object/new:os.system {a: 1}")]
    public void Tags_of_Python_are_refused(string value)
    {
        var error = Assert.Throws<InvalidDataException>(() => ModelManifest.Parse($"flavors: {{}}\nmetadata: {value}"));
        Assert.That(error!.Message, Does.Contain("python/").And.Contain("line 2").And.Contain("nothing in it is ever executed"));
    }

    [Test]
    public void A_file_that_is_no_text_is_refused_with_its_path()
    {
        var file = _scratch["MLmodel"];
        File.WriteAllBytes(file, [0x61, 0x3A, 0x20, 0xFF, 0xFE]);
        Assert.That(Assert.Throws<InvalidDataException>(() => ModelManifest.Load(_scratch.Path))!.Message, Does.Contain(file));
        using (var huge = File.Create(file))
        {
            huge.SetLength((8 << 20) + 1);
        }

        Assert.That(Assert.Throws<InvalidDataException>(() => ModelManifest.Load(file))!.Message, Does.Contain("bytes"));
        File.WriteAllBytes(file, [0xEF, 0xBB, 0xBF, .. "run_id: r"u8]);
        Assert.That(ModelManifest.Load(file).RunId, Is.EqualTo("r"));
    }

    [Test]
    public void An_alias_stands_for_its_value()
    {
        var manifest = ModelManifest.Parse("metadata:\n  a: &id001\n  - 1\n  - 2\n  b: *id001\n  c: &y z\n  d: *y\n");
        Assert.That(manifest.Metadata!["b"]!.Items.Select(item => item.AsInteger()), Is.EqualTo([1, 2]));
        Assert.That(manifest.Metadata["d"]!.AsText(), Is.EqualTo("z"));
    }

    [Test]
    public void Bombs_do_not_go_off()
    {
        var laughs = "a0: &a0 x\n" + string.Concat(Enumerable.Range(1, 30).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"a{i}: &a{i}\n{string.Concat(Enumerable.Repeat(string.Create(CultureInfo.InvariantCulture, $"- *a{i - 1}\n"), 10))}")));
        Assert.That(Assert.Throws<InvalidDataException>(() => ModelManifest.Parse(laughs))!.Message, Does.Contain("4000000 values"));
        string[] bombs =
        [
            "a: " + new string('[', 100_000),
            "a: " + string.Concat(Enumerable.Repeat("{a: ", 100_000)),
            string.Concat(Enumerable.Range(0, 1000).Select(i => new string(' ', i) + "a:\n")),
            "a: [" + string.Concat(Enumerable.Repeat("1,", 3_000_000)) + "1]",
            "? " + string.Concat(Enumerable.Repeat("? ", 10_000)),
            "- " + string.Concat(Enumerable.Repeat("- ", 100_000)),
        ];
        var memory = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        foreach (var bomb in bombs)
        {
            Assert.Throws<InvalidDataException>(() => ModelManifest.Parse(bomb));
        }

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - memory, Is.LessThan(2L << 30));
    }

    [TestCaseSource(typeof(ModelFixture), nameof(ModelFixture.Names))]
    public void A_manifest_that_is_cut_off_or_damaged_is_read_or_refused_and_nothing_else(string name)
    {
        var text = File.ReadAllText(ModelFixture.PathOf(name, "MLmodel"));
        var random = new Random(1);
        for (var i = 0; i < text.Length; i++)
        {
            TryParse(text[..i]);
            var damaged = text.ToCharArray();
            damaged[random.Next(text.Length)] = "\0[]{}:-'\"&*!|>%@`\n\t \uD800é"[random.Next(22)];
            TryParse(new string(damaged));
        }

        static void TryParse(string text)
        {
            try
            {
                _ = ModelManifest.Parse(text).ToYaml();
            }
            catch (InvalidDataException)
            {
            }
        }
    }
}
