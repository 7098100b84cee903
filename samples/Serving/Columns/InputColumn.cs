using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Serving.Requests;

namespace Serving.Columns;

/// <summary>The values of a column, cast to its type.</summary>
internal abstract class InputColumn(string name, DataViewType type)
{
    public string Name { get; } = name;

    public DataViewType Type { get; } = type;

    /// <summary>A getter of ML.NET for the row that <paramref name="position"/> gives.</summary>
    public abstract Delegate MakeGetter(Func<long> position);

    /// <param name="input">The column of the model.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="cells">The cells of a row; null when the request has none for this column.</param>
    /// <exception cref="ScoringException">A value cannot be cast.</exception>
    public static InputColumn Make(ModelInput input, int rows, Func<int, IReadOnlyList<Cell>?> cells)
    {
        var raw = input.ItemType.RawType;
        return input.ItemType switch
        {
            TextDataViewType => Make(input, rows, cells, cell => Casts.ToText(cell).AsMemory()),
            BooleanDataViewType => Make(input, rows, cells, Casts.ToBoolean),
            DateTimeDataViewType => Make(input, rows, cells, Casts.ToDateTime),
            _ => System.Type.GetTypeCode(raw) switch
            {
                TypeCode.Single => Make(input, rows, cells, cell => (float)Casts.ToNumber(cell)),
                TypeCode.Double => Make(input, rows, cells, Casts.ToNumber),
                TypeCode.SByte => Make(input, rows, cells, cell => checked((sbyte)Casts.ToInteger(cell))),
                TypeCode.Byte => Make(input, rows, cells, cell => checked((byte)Casts.ToInteger(cell))),
                TypeCode.Int16 => Make(input, rows, cells, cell => checked((short)Casts.ToInteger(cell))),
                TypeCode.UInt16 => Make(input, rows, cells, cell => checked((ushort)Casts.ToInteger(cell))),
                TypeCode.Int32 => Make(input, rows, cells, cell => checked((int)Casts.ToInteger(cell))),
                TypeCode.UInt32 => Make(input, rows, cells, cell => checked((uint)Casts.ToInteger(cell))),
                TypeCode.Int64 => Make(input, rows, cells, Casts.ToInteger),
                _ => Make(input, rows, cells, cell => checked((ulong)Casts.ToInteger(cell))),
            },
        };
    }

    private static InputColumn Make<T>(ModelInput input, int rows, Func<int, IReadOnlyList<Cell>?> cells, Func<Cell, T> cast)
    {
        return input.IsVector
            ? new Vectors<T>(input.Name, input.Type, [.. Enumerable.Range(0, rows).Select(ToVector)])
            : new Scalars<T>(input.Name, input.Type, [.. Enumerable.Range(0, rows).Select(row => Cast(cells(row) is { } given ? given[0] : default))]);

        T Cast(Cell cell)
        {
            try
            {
                return cast(cell);
            }
            catch (Exception e) when (e is FormatException or OverflowException or InvalidOperationException)
            {
                throw ScoringException.Malformed(
                    $"Data is not compatible with model signature. Failed to convert column {input.Name} to type '{input.TypeName}'. "
                    + $"Error: '{(cell.IsNull ? "null has no such value" : $"{cell}: {e.Message}")}'");
            }
        }

        T[] ToVector(int row)
        {
            var given = cells(row) switch
            {
                null => Enumerable.Repeat(default(Cell), input.Size).ToList(),
                [{ IsNull: true }] when input.Size > 1 => Enumerable.Repeat(default(Cell), input.Size).ToList(),
                [var only] => only.AsList() ?? [only],
                var several => several,
            };
            T[] values = [.. given.Select(Cast)];
            return input.Size == 0 || values.Length == input.Size
                ? values
                : throw ScoringException.Schema(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Shape of input '{input.Name}' does not match: row {row} has {values.Length} values, expected {input.Size} × {input.TypeName}."));
        }
    }

    private sealed class Scalars<T>(string name, DataViewType type, T[] values) : InputColumn(name, type)
    {
        public override Delegate MakeGetter(Func<long> position) => (ValueGetter<T>)((ref T value) => value = values[position()]);
    }

    private sealed class Vectors<T>(string name, DataViewType type, T[][] values) : InputColumn(name, type)
    {
        public override Delegate MakeGetter(Func<long> position) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            // A copy: whoever reads may write into what it got.
            var row = values[position()];
            var editor = VBufferEditor.Create(ref value, row.Length);
            row.CopyTo(editor.Values);
            value = editor.Commit();
        });
    }
}
