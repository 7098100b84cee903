namespace ModelTrack.Client;

/// <summary>An input or output of an ONNX graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">NumPy's name for the type of its elements; null when it is no tensor, or NumPy has no such type.</param>
/// <param name="Shape">Its dimensions, -1 for one of any size; null when even their number is not said.</param>
public sealed record OnnxTensor(string Name, string? ElementType, IReadOnlyList<long>? Shape);
