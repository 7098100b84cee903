using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>An input example from a few rows of data.</summary>
internal static class ExampleRows
{
    public const int MaxCount = 5;

    private static readonly MethodInfo ReaderOfItems = ((Func<DataViewRow, DataViewSchema.Column, ColumnType, Func<object?>>)Reader<float>)
        .Method.GetGenericMethodDefinition();

    /// <summary>The first rows as a data frame; null when there is no row, or no column that MLflow has a type for.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="needed">The columns that the model needs.</param>
    /// <exception cref="ArgumentException">The data do not have one of the columns, or have it with another type.</exception>
    public static ModelInputExample? Of(IDataView data, IEnumerable<DataViewSchema.Column> needed)
    {
        var columns = needed
            .Select(column => (Own: Find(data.Schema, column), Type: SchemaTypes.Of(column.Type)))
            .Where(column => column.Type is not null)
            .ToList();
        if (columns.Count == 0)
        {
            return null;
        }

        var rows = new List<IReadOnlyList<object?>>();
        using var cursor = data.GetRowCursor(columns.Select(column => column.Own));
        var readers = columns.ConvertAll(column => Reader(cursor, column.Own, column.Type!));
        while (rows.Count < MaxCount && cursor.MoveNext())
        {
            rows.Add(readers.ConvertAll(read => read()));
        }

        return rows.Count == 0 ? null : ModelInputExample.DataFrame([.. columns.Select(column => column.Own.Name)], rows);
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, DataViewSchema.Column needed)
    {
        if (schema.GetColumnOrNull(needed.Name) is not { } column)
        {
            throw new ArgumentException(
                $"The input example has no column '{needed.Name}' ({needed.Type}), which the model needs.", nameof(schema));
        }

        return ColumnFit.Matches(column.Type, needed.Type)
            ? column
            : throw new ArgumentException(
                $"The input example's column '{needed.Name}' has the type {column.Type}, and the model needs {needed.Type}.", nameof(schema));
    }

    private static Func<object?> Reader(DataViewRow row, DataViewSchema.Column column, ColumnType type)
        => (Func<object?>)ReaderOfItems.MakeGenericMethod(ColumnFit.ItemOf(column.Type)).Invoke(null, [row, column, type])!;

    private static Func<object?> Reader<T>(DataViewRow row, DataViewSchema.Column column, ColumnType type)
    {
        if (!type.IsVector)
        {
            var get = row.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                get(ref value);
                return Cell(value);
            };
        }

        var getVector = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> vector = default;
        return () =>
        {
            getVector(ref vector);
            object?[] cells = [.. vector.DenseValues().Select(Cell)];
            return type.Depth == 1 ? cells : Nest(cells, type.Dimensions!);
        };
    }

    private static object? Cell<T>(T value) => value is ReadOnlyMemory<char> text ? text.ToString() : value;

    /// <summary>Row by row, from the innermost lists outwards.</summary>
    private static object?[] Nest(object?[] cells, IReadOnlyList<int> dimensions)
        => dimensions.Skip(1).Reverse().Aggregate(cells, (items, size) => [.. items.Chunk(size)]);
}
