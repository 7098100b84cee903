using System.Text;
using System.Text.RegularExpressions;
using ModelTrack.Client.Backends.Files;

namespace ModelTrack.Client;

/// <summary>
/// What Python needs to load a model: the files <c>requirements.txt</c>, <c>conda.yaml</c> and <c>python_env.yaml</c>, from which
/// <c>mlflow models serve</c> and others build an environment. Only models with a <c>python_function</c> flavor have them.
/// </summary>
public sealed partial record PythonEnvironment
{
    /// <summary>The name of the file for conda.</summary>
    internal const string CondaFile = "conda.yaml";

    /// <summary>The name of the file for virtualenv.</summary>
    internal const string VirtualenvFile = "python_env.yaml";

    private const string RequirementsFile = "requirements.txt";

    /// <summary>The version of Python.</summary>
    /// <value>Default: 3.11.7.</value>
    public string PythonVersion { get; init; } = "3.11.7";

    /// <summary>The packages, each as a line of pip's requirements: <c>onnxruntime</c>, <c>numpy==1.26.4</c>.</summary>
    /// <value>Default: <c>mlflow</c> alone.</value>
    public IReadOnlyList<string> Requirements { get; init; } = ["mlflow"];

    /// <summary>What a model in ONNX needs.</summary>
    public static PythonEnvironment Onnx { get; } = new() { Requirements = ["mlflow", "onnx", "onnxruntime"] };

    /// <summary>Writes the three files, each in the place of one that is there.</summary>
    /// <param name="folder">The model's folder; it exists.</param>
    /// <exception cref="ArgumentException">The version is none, or a requirement is blank or has more than one line.</exception>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void WriteTo(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Check();
        Write(folder, RequirementsFile, string.Concat(Requirements.Select(line => line + "\n")));
        Write(folder, CondaFile, ManifestYamlWriter.Write(
            ModelValue.Map(
                ("channels", ModelValue.List("conda-forge")),
                ("dependencies", ModelValue.List(
                    "python=" + PythonVersion, "pip", ModelValue.Map(("pip", ModelValue.List(Requirements.Select(ModelValue.Of)))))),
                ("name", "mlflow-env"))));
        Write(folder, VirtualenvFile, ManifestYamlWriter.Write(
            ModelValue.Map(
                ("python", PythonVersion),
                ("build_dependencies", ModelValue.List("pip", "setuptools", "wheel")),
                ("dependencies", ModelValue.List("-r " + RequirementsFile))),
            sort: false));
    }

    private static void Write(string folder, string name, string text)
        => AtomicFile.Replace(Path.Combine(folder, name), Encoding.UTF8.GetBytes(text), folder);

    private void Check()
    {
        if (!Version().IsMatch(PythonVersion))
        {
            throw new ArgumentException($"{Excerpt.Of(PythonVersion)} is no version of Python such as 3.11.7.", nameof(PythonVersion));
        }

        foreach (var line in Requirements)
        {
            if (string.IsNullOrWhiteSpace(line) || line.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
            {
                throw new ArgumentException($"{Excerpt.Of(line)} is no line of requirements.", nameof(Requirements));
            }
        }
    }

    [GeneratedRegex(@"^[0-9]{1,3}(\.[0-9]{1,3}){1,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
