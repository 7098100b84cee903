using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using ModelTrack.Client;

namespace Serving.Columns;

/// <summary><c>{"predictions": [{…}, …]}</c>: a record for each row, with the columns that the model adds.</summary>
internal static class PredictionJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(IDataView rows, ModelInputs inputs, ModelSchema? outputs)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            var columns = Choose(rows.Schema, inputs, outputs);
            using var cursor = rows.GetRowCursor(columns);
            var writers = columns.Select(column => (column.Name, Write: WriterOf(cursor, column))).ToList();
            writer.WriteStartObject();
            writer.WriteStartArray("predictions");
            while (cursor.MoveNext())
            {
                writer.WriteStartObject();
                foreach (var (name, write) in writers)
                {
                    writer.WritePropertyName(name);
                    write(writer);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>What the signature says; else all that is new. Columns that only pass through the model are no prediction.</summary>
    private static List<DataViewSchema.Column> Choose(DataViewSchema schema, ModelInputs inputs, ModelSchema? outputs)
    {
        var declared = (outputs?.Columns.Select(column => column.Name) ?? []).Concat(outputs?.Tensors.Select(tensor => tensor.Name) ?? [])
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        var shown = schema.Where(column => !column.IsHidden && ModelInput.IsSupported(column.Type)).ToList();
        var chosen = shown.Where(column => declared.Contains(column.Name)).ToList();
        return chosen.Count > 0 ? chosen : [.. shown.Where(column => !inputs.Contains(column.Name))];
    }

    private static Action<Utf8JsonWriter> WriterOf(DataViewRow row, DataViewSchema.Column column)
    {
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        if (item is KeyDataViewType)
        {
            return WriterOfKey(row, column);
        }

        return item switch
        {
            TextDataViewType => WriterOf<ReadOnlyMemory<char>>(row, column, (writer, value) => writer.WriteStringValue(value.Span)),
            BooleanDataViewType => WriterOf<bool>(row, column, (writer, value) => writer.WriteBooleanValue(value)),
            DateTimeDataViewType => WriterOf<DateTime>(
                row, column, (writer, value) => writer.WriteStringValue(value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture))),
            _ => Type.GetTypeCode(item.RawType) switch
            {
                TypeCode.Single => WriterOf<float>(row, column, WriteFloat),
                TypeCode.Double => WriterOf<double>(row, column, WriteDouble),
                TypeCode.SByte => WriterOf<sbyte>(row, column, (writer, value) => writer.WriteNumberValue(value)),
                TypeCode.Byte => WriterOf<byte>(row, column, (writer, value) => writer.WriteNumberValue(value)),
                TypeCode.Int16 => WriterOf<short>(row, column, (writer, value) => writer.WriteNumberValue(value)),
                TypeCode.UInt16 => WriterOf<ushort>(row, column, (writer, value) => writer.WriteNumberValue(value)),
                TypeCode.Int32 => WriterOf<int>(row, column, (writer, value) => writer.WriteNumberValue(value)),
                TypeCode.UInt32 => WriterOf<uint>(row, column, (writer, value) => writer.WriteNumberValue(value)),
                TypeCode.Int64 => WriterOf<long>(row, column, (writer, value) => writer.WriteNumberValue(value)),
                _ => WriterOf<ulong>(row, column, (writer, value) => writer.WriteNumberValue(value)),
            },
        };
    }

    private static Action<Utf8JsonWriter> WriterOf<T>(DataViewRow row, DataViewSchema.Column column, Action<Utf8JsonWriter, T> write)
    {
        if (column.Type is not VectorDataViewType)
        {
            var getter = row.GetGetter<T>(column);
            return writer =>
            {
                T value = default!;
                getter(ref value);
                write(writer, value);
            };
        }

        var vectors = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> vector = default;
        return writer =>
        {
            vectors(ref vector);
            writer.WriteStartArray();
            foreach (var value in vector.DenseValues())
            {
                write(writer, value);
            }

            writer.WriteEndArray();
        };
    }

    /// <summary>A key is the name that it has in the column's annotations, else its number; null when it is missing.</summary>
    private static Action<Utf8JsonWriter> WriterOfKey(DataViewRow row, DataViewSchema.Column column)
    {
        string[] names = [];
        if (column.Annotations.Schema.GetColumnOrNull("KeyValues") is { Type: VectorDataViewType { ItemType: TextDataViewType } })
        {
            VBuffer<ReadOnlyMemory<char>> values = default;
            column.GetKeyValues(ref values);
            names = [.. values.DenseValues().Select(value => value.ToString())];
        }

        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return Type.GetTypeCode(item.RawType) switch
        {
            TypeCode.Byte => WriterOf<byte>(row, column, (writer, key) => Write(writer, key)),
            TypeCode.UInt16 => WriterOf<ushort>(row, column, (writer, key) => Write(writer, key)),
            TypeCode.UInt32 => WriterOf<uint>(row, column, (writer, key) => Write(writer, key)),
            _ => WriterOf<ulong>(row, column, Write),
        };

        void Write(Utf8JsonWriter writer, ulong key)
        {
            // Keys count from one; zero is the missing one.
            if (key == 0)
            {
                writer.WriteNullValue();
            }
            else if (key <= (ulong)names.Length)
            {
                writer.WriteStringValue(names[key - 1]);
            }
            else
            {
                writer.WriteNumberValue(key);
            }
        }
    }

    private static void WriteFloat(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            WriteDouble(writer, value);
        }
    }

    /// <summary>MLflow's server writes NaN and infinities as bare words, which is no JSON; its clients expect them.</summary>
    private static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteRawValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity", skipInputValidation: true);
        }
    }
}
