using System.Text.Json;

namespace ModelTrack.Client.Tests.Models;

/// <summary>The files beside a manifest: the input example and Python's environment.</summary>
internal sealed class ModelFilesTests
{
    private ScratchFolder _scratch = null!;

    [SetUp]
    public void MakeFolder() => _scratch = new ScratchFolder();

    [TearDown]
    public void RemoveFolder() => _scratch.Dispose();

    private string Read(string name) => File.ReadAllText(_scratch[name]);

    [Test]
    public void Rows_under_columns_are_written_as_MLflow_writes_them()
    {
        var info = ModelInputExample.DataFrame(["sepal length (cm)", "petal width (cm)"], [[5.1, 0.2f], [4.9m, 0.2]]).WriteTo(_scratch.Path);
        foreach (var file in new[] { "input_example.json", "serving_input_example.json" })
        {
            Assert.That(Read(file), Is.EqualTo(File.ReadAllText(ModelFixture.PathOf("sklearn-logreg", file)).TrimEnd()));
        }

        Assert.That(info, Is.EqualTo(ModelManifest.Load(ModelFixture.PathOf("sklearn-logreg")).SavedInputExample).Using<SavedInputExample>(Same));
    }

    [Test]
    public void Params_stand_beside_the_example()
    {
        var example = ModelInputExample.DataFrame(
            ["a", "b", "c", "d", "e", "f", "tags", "obj", "map"],
            [[
                1.5, 2L, "t", true, 3, 0.25f, new[] { "p", "q" }, new Dictionary<string, object?> { ["x"] = 1.0, ["y"] = new[] { 1, 2 } },
                new Dictionary<string, string> { ["k"] = "v" },
            ]]);
        var info = example.WithParams(("temperature", 0.1)).WriteTo(_scratch.Path);
        foreach (var file in new[] { "input_example.json", "serving_input_example.json" })
        {
            Assert.That(Read(file), Is.EqualTo(File.ReadAllText(ModelFixture.PathOf("pyfunc-columns", file)).TrimEnd()));
        }

        Assert.That(info.HasParams);
        Assert.That(info, Is.EqualTo(ModelManifest.Load(ModelFixture.PathOf("pyfunc-columns")).SavedInputExample).Using<SavedInputExample>(Same));
    }

    [Test]
    public void Other_forms_are_those_of_MLflow()
    {
        AssertExample(ModelInputExample.DataFrame([[1.0, 2], [double.NaN, 3]]), "dataframe", """{"data": [[1.0, 2], [null, 3]]}""", "dataframe_split");
        AssertExample(ModelInputExample.Tensor(new float[,] { { 1, 2.5f }, { 3, 0.1f } }), "ndarray", "[[1.0, 2.5], [3.0, 0.1]]", "inputs");
        AssertExample(ModelInputExample.Tensors(("a", new[] { 1, 2 }), ("b", new[] { "x" })), "ndarray", """{"a": [1, 2], "b": ["x"]}""", "inputs");
        AssertExample(
            ModelInputExample.Json(JsonDocument.Parse("""{"q":[1,2.0,null]}""").RootElement), "json_object", """{"q": [1, 2.0, null]}""", "inputs");
        AssertExample(ModelInputExample.Json(new int[1, 2, 1]), "json_object", "[[[0], [0]]]", "inputs");
    }

    [Test]
    public void What_is_no_example_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ModelInputExample.DataFrame(["a", "a"], [[1, 2]]));
        Assert.That(
            Assert.Throws<ArgumentException>(() => ModelInputExample.DataFrame(["a"], [[1], [1, 2]]))!.Message, Does.Contain("Row 1 has 2 cells"));
        Assert.Throws<ArgumentException>(() => ModelInputExample.DataFrame([[1], [1, 2]]));
        Assert.Throws<ArgumentException>(() => ModelInputExample.Tensor(new[] { double.NaN }));
        Assert.Throws<ArgumentException>(() => ModelInputExample.Tensors());
        var self = new List<object>();
        self.Add(self);
        Assert.Throws<ArgumentException>(() => ModelInputExample.Json(self));
    }

    [Test]
    public void The_environment_is_written_in_three_forms()
    {
        (PythonEnvironment.Onnx with { Requirements = ["mlflow==3.11.1", "onnx==1.12.0", "onnxruntime"] }).WriteTo(_scratch.Path);
        Assert.That(Read("requirements.txt"), Is.EqualTo("mlflow==3.11.1\nonnx==1.12.0\nonnxruntime\n"));
        Assert.That(
            Read("conda.yaml"),
            Is.EqualTo("channels:\n- conda-forge\ndependencies:\n- 'python=3.11.7'\n- pip\n- pip:\n  - 'mlflow==3.11.1'\n  - 'onnx==1.12.0'\n  - onnxruntime\nname: mlflow-env\n"));
        Assert.That(
            Read("python_env.yaml"),
            Is.EqualTo("python: '3.11.7'\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n- '-r requirements.txt'\n"));
    }

    [Test]
    public void A_requirement_is_one_line()
    {
        Assert.Throws<ArgumentException>(() => new PythonEnvironment { Requirements = ["a\nb"] }.WriteTo(_scratch.Path));
        Assert.Throws<ArgumentException>(() => new PythonEnvironment { Requirements = [" "] }.WriteTo(_scratch.Path));
        Assert.Throws<ArgumentException>(() => new PythonEnvironment { PythonVersion = "three" }.WriteTo(_scratch.Path));
        Assert.That(Directory.EnumerateFileSystemEntries(_scratch.Path), Is.Empty);
    }

    private void AssertExample(ModelInputExample example, string type, string json, string servingForm)
    {
        var info = example.WriteTo(_scratch.Path);
        using var body = JsonDocument.Parse(example.ToServingJson());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(info.Type, Is.EqualTo(type));
            Assert.That(Read("input_example.json"), Is.EqualTo(json));
            Assert.That(body.RootElement.EnumerateObject().Single().Name, Is.EqualTo(servingForm));
            Assert.That(Read("serving_input_example.json"), Is.EqualTo(example.ToServingJson()));
        }
    }

    private static bool Same(SavedInputExample one, SavedInputExample other) => one.ToManifest() == other.ToManifest();
}
