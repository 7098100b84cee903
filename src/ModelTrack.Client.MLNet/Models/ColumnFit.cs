using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>Whether values of one type can stand where another is wanted.</summary>
internal static class ColumnFit
{
    /// <summary>The .NET type of the values, of a vector that of its items.</summary>
    public static Type ItemOf(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType.RawType : type.RawType;

    /// <summary>Single values and vectors are apart, and so are vectors whose sizes are known and differ.</summary>
    public static bool Matches(DataViewType given, DataViewType wanted)
    {
        if (ItemOf(given) != ItemOf(wanted))
        {
            return false;
        }

        return (given as VectorDataViewType, wanted as VectorDataViewType) switch
        {
            (null, null) => true,
            ({ } one, { } other) => one.Size == 0 || other.Size == 0 || one.Size == other.Size,
            _ => false,
        };
    }
}
