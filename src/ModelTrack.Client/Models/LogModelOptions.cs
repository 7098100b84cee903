namespace ModelTrack.Client;

/// <summary>What is said of a model that a run logs. Everything is optional for an ONNX file and for a folder that has a manifest.</summary>
/// <example>
/// <code>
/// run.LogModel("model.zip", "model", new LogModelOptions { Flavors = { ["mlnet"] = ModelValue.Map(("data", "model.zip")) } });
/// </code>
/// </example>
public sealed record LogModelOptions
{
    /// <summary>
    /// How the model can be loaded: by each flavor's name a map of what it needs. They come beside those of a manifest that is in the folder
    /// already, and take the place of equal ones.
    /// </summary>
    /// <value>Default: empty; for a single ONNX file those by which Python loads it (<see cref="ModelFlavors.Onnx"/>).</value>
    public IDictionary<string, ModelValue> Flavors { get; init; } = new Dictionary<string, ModelValue>(StringComparer.Ordinal);

    /// <summary>What the model takes and gives.</summary>
    /// <value>Default: null, which keeps that of a manifest in the folder; for a single ONNX file that of its graph.</value>
    public ModelSignature? Signature { get; init; }

    /// <summary>An example of an input; it becomes two files beside the model.</summary>
    /// <value>Default: null, which means none.</value>
    public ModelInputExample? InputExample { get; init; }

    /// <summary>Whatever else is to be found in the manifest, as a map.</summary>
    /// <value>Default: null, which means nothing.</value>
    public ModelValue? Metadata { get; init; }

    /// <summary>What Python needs to load the model; it becomes three files beside it.</summary>
    /// <value>Default: null, which means no such files; for a single ONNX file <see cref="PythonEnvironment.Onnx"/>.</value>
    public PythonEnvironment? PythonEnvironment { get; init; }

    /// <summary>The registered model of which it becomes a new version; created when it is new.</summary>
    /// <value>Default: null, which means that it is not registered.</value>
    public string? RegisteredModelName { get; init; }

    /// <summary>What kind of model it is, in your own words. Servers before MLflow 3 and folders do not keep it.</summary>
    /// <value>Default: null.</value>
    public string? ModelType { get; init; }

    /// <summary>The step of the training that the model is of. Servers before MLflow 3 and folders do not keep it.</summary>
    /// <value>Default: 0.</value>
    public long Step { get; init; }
}
