using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>Whether what a program gives is what a model's signature says.</summary>
internal static class SignatureFit
{
    /// <summary>
    /// Compares the columns of a type with the model's signature, which may ask for more than its transformer does. A column that is missing
    /// is left to <see cref="RowTypes"/>, which asks the transformer: the label is often in the signature, being in the training data.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="given">The columns of the type.</param>
    /// <param name="typeName">The type's name.</param>
    /// <exception cref="ModelTrackException">
    /// They do not fit (<see cref="ErrorCode.InvalidParameterValue"/>); the message names the column and the type that is expected.
    /// </exception>
    public static void Check(ServedModel model, DataViewSchema given, string typeName)
    {
        foreach (var (name, expected, fits) in Expected(model.Signature?.Inputs))
        {
            if (given.GetColumnOrNull(name) is { } column && !fits(column.Type))
            {
                throw new ModelTrackException(
                    ErrorCode.InvalidParameterValue,
                    $"The model {model.Uri} does not fit: the column '{name}' is expected as {expected}, and {typeName} has it as "
                    + $"{Describe(column.Type)}.");
            }
        }
    }

    private static IEnumerable<(string Name, string Type, Func<DataViewType, bool> Fits)> Expected(ModelSchema? schema)
    {
        foreach (var column in schema?.Columns ?? [])
        {
            if (column.Name is { } name)
            {
                yield return (name, Describe(column.Type), type => Fits(column.Type, type));
            }
        }

        foreach (var tensor in schema?.Tensors ?? [])
        {
            if (tensor.Name is { } name)
            {
                var shape = string.Join(", ", tensor.Shape.Select(size => size.ToString(CultureInfo.InvariantCulture)));
                yield return (name, $"{tensor.ElementType} of shape ({shape})", type => Fits(tensor, type));
            }
        }
    }

    private static bool Fits(Client.ColumnType expected, DataViewType given)
    {
        var item = expected;
        while (item.Kind == ColumnKind.Array)
        {
            item = item.Element!;
        }

        // What ML.NET has no type for is left to ML.NET to judge.
        return item.Kind is ColumnKind.Any or ColumnKind.Binary or ColumnKind.SparkVector or ColumnKind.Map or ColumnKind.Object
            || (SchemaTypes.Of(given) is { } type && type.IsVector == (expected.Kind == ColumnKind.Array)
                && (type.Type == item.Name || (type.IsVector && IsWidened(type.Type, item.Kind))));
    }

    /// <summary>Numbers in arrays stand in signatures as the widest of their kind; see <see cref="SchemaTypes"/>.</summary>
    private static bool IsWidened(string given, ColumnKind expected)
        => (expected == ColumnKind.Double && given == "float") || (expected == ColumnKind.Long && given == "integer");

    private static bool Fits(TensorSpec expected, DataViewType given)
    {
        if (SchemaTypes.Of(given) is not { } type || UnitOf(type.NumpyType) != UnitOf(expected.ElementType))
        {
            return false;
        }

        // The first dimension is that of the rows; a row without more is one value.
        var perRow = expected.Shape.Skip(1).ToArray();
        var actual = type.Dimensions ?? [];
        return perRow.Contains(-1) || actual.Contains(-1)
            || perRow.Aggregate(1L, (product, size) => product * size) == actual.Aggregate(1L, (product, size) => product * size);
    }

    /// <summary>datetime64 has a unit, <c>datetime64[ns]</c>, which is not always said.</summary>
    private static string UnitOf(string numpyType) => numpyType.Split('[')[0];

    private static string Describe(Client.ColumnType type) => type.Kind == ColumnKind.Array ? $"array of {Describe(type.Element!)}" : type.Name;

    private static string Describe(DataViewType type) => SchemaTypes.Of(type) switch
    {
        null => type.ToString()!,
        { Dimensions: { } dimensions } vector
            => $"array of {vector.Type} ({string.Join(" × ", dimensions.Select(size => size < 0 ? "any number" : size.ToString(CultureInfo.InvariantCulture)))})",
        var scalar => scalar.Type,
    };
}
