using Spec = ModelTrack.Client.ColumnType;

namespace ModelTrack.Client.MLNet;

/// <summary>A column's type as MLflow has it.</summary>
/// <param name="Type">MLflow's name of the type, of a vector that of its items: <c>float</c>, <c>double</c>, <c>string</c>, <c>long</c>, <c>integer</c>, <c>boolean</c>, <c>datetime</c>.</param>
/// <param name="NumpyType">NumPy's name of it, for tensors: <c>float32</c>; of a text <c>str</c>.</param>
/// <param name="Dimensions">Of a vector its dimensions, -1 for one that varies; null for a single value.</param>
internal sealed record ColumnType(string Type, string NumpyType, IReadOnlyList<int>? Dimensions)
{
    public bool IsVector => Dimensions is not null;

    /// <summary>How many lists lie in each other: a matrix is a list of lists. Of one that varies in size the values alone are known.</summary>
    public int Depth => Dimensions is null ? 0 : Dimensions.Contains(-1) ? 1 : Dimensions.Count;

    /// <summary>
    /// As a model's signature has it. In arrays MLflow narrows nothing: of a signature with <c>float</c> in one it refuses every number that
    /// comes as JSON, its own input example first. So numbers in arrays are <c>double</c> and <c>long</c>.
    /// </summary>
    public Spec ToSpec() => Enumerable.Range(0, Depth).Aggregate(Scalar, (items, _) => Spec.Array(items));

    private Spec Scalar => Type switch
    {
        "float" => IsVector ? Spec.Double : Spec.Float,
        "double" => Spec.Double,
        "integer" => IsVector ? Spec.Long : Spec.Integer,
        "long" => Spec.Long,
        "boolean" => Spec.Boolean,
        "datetime" => Spec.DateTime,
        _ => Spec.String,
    };
}
