namespace ModelTrack.Client;

/// <summary>
/// What an ONNX file says of its graph: what it takes and gives, and which files it needs beside it. The weights are skipped, so that reading
/// costs little memory however large the file is.
/// </summary>
/// <example><code>ModelSignature? signature = OnnxGraph.Load("model.onnx").ToSignature();</code></example>
public sealed class OnnxGraph
{
    internal OnnxGraph(
        long irVersion,
        IReadOnlyDictionary<string, long> opsets,
        IReadOnlyList<OnnxTensor> inputs,
        IReadOnlyList<OnnxTensor> outputs,
        IReadOnlyList<string> externalFiles)
    {
        IrVersion = irVersion;
        Opsets = opsets;
        Inputs = inputs;
        Outputs = outputs;
        ExternalFiles = externalFiles;
    }

    /// <summary>The version of the file's format.</summary>
    public long IrVersion { get; }

    /// <summary>The versions of the operators by their domain; ONNX's own domain is the empty text.</summary>
    public IReadOnlyDictionary<string, long> Opsets { get; }

    /// <summary>What the graph takes, without those inputs that have a value in the file.</summary>
    public IReadOnlyList<OnnxTensor> Inputs { get; }

    /// <summary>What the graph gives.</summary>
    public IReadOnlyList<OnnxTensor> Outputs { get; }

    /// <summary>The files with weights that must lie beside the file, as relative paths with <c>/</c>; empty when all are in it.</summary>
    public IReadOnlyList<string> ExternalFiles { get; }

    /// <summary>Reads an ONNX file.</summary>
    /// <param name="file">The file.</param>
    /// <returns>What it says of its graph.</returns>
    /// <exception cref="InvalidDataException">It is no ONNX file, it is cut off, or it names a file that is not beside it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static OnnxGraph Load(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        try
        {
            return new OnnxReader(new ProtobufReader(content)).Read();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{file} is no whole ONNX file: {e.Message}.", e);
        }
    }

    /// <summary>
    /// The signature: a named tensor for each input and output. Where one of them is something that MLflow cannot describe (a sequence, a map,
    /// <c>bfloat16</c>, no number of dimensions), that side is left out.
    /// </summary>
    /// <returns>The signature; null when both sides are left out.</returns>
    public ModelSignature? ToSignature()
    {
        var inputs = Describe(Inputs);
        var outputs = Describe(Outputs);
        return inputs is null && outputs is null ? null : new ModelSignature(inputs, outputs);
    }

    private static ModelSchema? Describe(IReadOnlyList<OnnxTensor> tensors)
        => tensors.Count > 0 && tensors.All(tensor => tensor is { ElementType: not null, Shape: not null })
            ? new ModelSchema(tensors.Select(tensor => new TensorSpec(tensor.ElementType!, tensor.Shape!, tensor.Name)))
            : null;
}
