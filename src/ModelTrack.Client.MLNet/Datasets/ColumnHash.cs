using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>Adds the current row's value of a column to a digest.</summary>
internal abstract class ColumnHash
{
    public abstract void AddTo(DatasetDigest digest);

    public static ColumnHash Of(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        var item = column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType;
        if (item == typeof(ReadOnlyMemory<char>))
        {
            return Of<ReadOnlyMemory<char>>(cursor, column, static (digest, items) =>
            {
                foreach (var text in items)
                {
                    digest.Add(text.ToString());
                }
            });
        }

        if (item == typeof(DateTimeOffset))
        {
            return Of<DateTimeOffset>(cursor, column, static (digest, items) =>
            {
                foreach (var time in items)
                {
                    digest.Add(time.Ticks);
                    digest.Add(time.Offset.Ticks);
                }
            });
        }

        return Type.GetTypeCode(item) switch
        {
            TypeCode.Boolean => OfBits<bool>(cursor, column),
            TypeCode.SByte => OfBits<sbyte>(cursor, column),
            TypeCode.Byte => OfBits<byte>(cursor, column),
            TypeCode.Int16 => OfBits<short>(cursor, column),
            TypeCode.UInt16 => OfBits<ushort>(cursor, column),
            TypeCode.Int32 => OfBits<int>(cursor, column),
            TypeCode.UInt32 => OfBits<uint>(cursor, column),
            TypeCode.Int64 => OfBits<long>(cursor, column),
            TypeCode.UInt64 => OfBits<ulong>(cursor, column),
            TypeCode.Single => OfBits<float>(cursor, column),
            TypeCode.Double => OfBits<double>(cursor, column),
            _ => OfBits<DateTime>(cursor, column),
        };
    }

    /// <summary>All machines that .NET runs on have the low byte first.</summary>
    private static ColumnHash OfBits<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
        where T : unmanaged
        => Of<T>(cursor, column, static (digest, items) => digest.Add(MemoryMarshal.AsBytes(items)));

    private static ColumnHash Of<T>(DataViewRowCursor cursor, DataViewSchema.Column column, ItemsHash<T> add)
        => column.Type is VectorDataViewType
            ? new VectorHash<T>(cursor.GetGetter<VBuffer<T>>(column), add)
            : new ValueHash<T>(cursor.GetGetter<T>(column), add);

    private delegate void ItemsHash<T>(DatasetDigest digest, ReadOnlySpan<T> items);

    private sealed class ValueHash<T>(ValueGetter<T> getter, ItemsHash<T> add) : ColumnHash
    {
        private T _value = default!;

        public override void AddTo(DatasetDigest digest)
        {
            getter(ref _value);
            add(digest, new ReadOnlySpan<T>(in _value));
        }
    }

    private sealed class VectorHash<T>(ValueGetter<VBuffer<T>> getter, ItemsHash<T> add) : ColumnHash
    {
        private VBuffer<T> _value;
        private VBuffer<T> _dense;

        /// <summary>A sparse vector is the same as a dense one with the same values.</summary>
        public override void AddTo(DatasetDigest digest)
        {
            getter(ref _value);
            _value.CopyToDense(ref _dense);
            digest.Add(_dense.Length);
            add(digest, _dense.GetValues());
        }
    }
}
