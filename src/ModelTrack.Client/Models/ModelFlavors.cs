namespace ModelTrack.Client;

/// <summary>The flavors of models that Python can load: see <see cref="ModelManifest.Flavors"/>.</summary>
public static class ModelFlavors
{
    /// <summary>
    /// The flavors of a model in ONNX: <c>onnx</c> and <c>python_function</c>, by which <c>mlflow.onnx.load_model</c> and
    /// <c>mlflow.pyfunc.load_model</c> load it.
    /// </summary>
    /// <param name="fileName">The name of the file, which lies in the model's folder itself: MLflow looks for the manifest beside it.</param>
    /// <param name="environment">
    /// What is written beside it by <see cref="PythonEnvironment.WriteTo"/>; null: nothing is, and Python is loaded as it is there.
    /// </param>
    /// <returns>The flavors.</returns>
    /// <exception cref="ArgumentException">The name is none, or has a folder in it.</exception>
    public static IReadOnlyDictionary<string, ModelValue> Onnx(string fileName = "model.onnx", PythonEnvironment? environment = null)
    {
        fileName = ArtifactPath.Normalize(fileName);
        if (fileName.Contains('/', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"{Excerpt.Of(fileName)} is in a folder; MLflow loads an ONNX file only when the manifest lies beside it.", nameof(fileName));
        }

        var python = ModelValue.Map(("data", fileName), ("loader_module", "mlflow.onnx"));
        if (environment is not null)
        {
            python = python
                .With("env", ModelValue.Map(("conda", PythonEnvironment.CondaFile), ("virtualenv", PythonEnvironment.VirtualenvFile)))
                .With("python_version", environment.PythonVersion);
        }

        return new Dictionary<string, ModelValue>
        {
            ["onnx"] = ModelValue.Map(
                ("code", ModelValue.Null),
                ("data", fileName),
                ("onnx_session_options", ModelValue.Null),
                ("providers", ModelValue.List("CUDAExecutionProvider", "CPUExecutionProvider"))),
            ["python_function"] = python,
        };
    }
}
