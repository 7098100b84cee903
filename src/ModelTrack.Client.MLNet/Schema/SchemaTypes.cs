using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>From ML.NET's types to MLflow's.</summary>
internal static class SchemaTypes
{
    /// <summary>
    /// Null for what MLflow has no type for: images, time spans, row ids, and other types of a program's own. Numbers without a sign become
    /// the next larger ones with a sign; keys are the numbers that they are counted by.
    /// </summary>
    public static ColumnType? Of(DataViewType type) => type is VectorDataViewType vector
        ? OfItem(vector.ItemType) is { } item ? item with { Dimensions = Dimensions(vector) } : null
        : OfItem(type);

    /// <summary>The columns that have a type for MLflow, in their order; hidden ones are none of the user's.</summary>
    public static IEnumerable<(DataViewSchema.Column Column, ColumnType Type)> Of(DataViewSchema schema)
        => schema.Where(column => !column.IsHidden)
            .Select(column => (Column: column, Type: Of(column.Type)))
            .Where(column => column.Type is not null)
            .Select(column => (column.Column, column.Type!));

    private static ColumnType? OfItem(DataViewType type) => type switch
    {
        TextDataViewType => new("string", "str", null),
        BooleanDataViewType => new("boolean", "bool", null),
        DateTimeDataViewType or DateTimeOffsetDataViewType => new("datetime", "datetime64[ns]", null),
        NumberDataViewType or KeyDataViewType => OfNumber(type.RawType),
        _ => null,
    };

    private static ColumnType? OfNumber(Type raw) => Type.GetTypeCode(raw) switch
    {
        TypeCode.Single => new("float", "float32", null),
        TypeCode.Double => new("double", "float64", null),
        TypeCode.SByte => new("integer", "int8", null),
        TypeCode.Byte => new("integer", "uint8", null),
        TypeCode.Int16 => new("integer", "int16", null),
        TypeCode.UInt16 => new("integer", "uint16", null),
        TypeCode.Int32 => new("integer", "int32", null),
        TypeCode.UInt32 => new("long", "uint32", null),
        TypeCode.Int64 => new("long", "int64", null),
        TypeCode.UInt64 => new("long", "uint64", null),
        _ => null,
    };

    private static int[] Dimensions(VectorDataViewType vector)
        => vector.Dimensions.Length == 0 ? [-1] : [.. vector.Dimensions.Select(size => size == 0 ? -1 : size)];
}
