using Microsoft.ML.Data;

namespace Serving.Columns;

/// <summary>A column that the model was saved with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">ML.NET's type.</param>
/// <param name="IsNeeded">Whether the model refuses data without it; the label of a training is not needed, for example.</param>
/// <param name="IsRequired">Whether it is needed and the signature does not say that it may be missing.</param>
internal sealed record ModelInput(string Name, DataViewType Type, bool IsNeeded, bool IsRequired)
{
    public DataViewType ItemType => Type is VectorDataViewType vector ? vector.ItemType : Type;

    public bool IsVector => Type is VectorDataViewType;

    /// <summary>How many values a row has; 0 when that varies.</summary>
    public int Size => Type is VectorDataViewType vector ? vector.Size : 1;

    /// <summary>MLflow's name of the type, of a vector that of its items.</summary>
    public string TypeName => ItemType switch
    {
        TextDataViewType => "string",
        BooleanDataViewType => "boolean",
        DateTimeDataViewType => "datetime",
        _ => System.Type.GetTypeCode(ItemType.RawType) switch
        {
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            TypeCode.Int64 or TypeCode.UInt32 or TypeCode.UInt64 => "long",
            _ => "integer",
        },
    };

    /// <summary>Whether values of that type can be in a request.</summary>
    public static bool IsSupported(DataViewType type)
        => (type is VectorDataViewType vector ? vector.ItemType : type) is TextDataViewType or BooleanDataViewType or DateTimeDataViewType
            or NumberDataViewType or KeyDataViewType;
}
