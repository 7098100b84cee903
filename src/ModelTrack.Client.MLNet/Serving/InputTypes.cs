using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>Whether what a program gives is what a model takes.</summary>
internal static class InputTypes
{
    /// <summary>
    /// Compares the columns of a type with the model's signature, and then with what its transformer needs. A column that the signature
    /// requires and the transformer does not, may be missing: the label is often in the signature, being in the training data.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="transformer">Its transformer.</param>
    /// <param name="saved">The columns that the model was saved with.</param>
    /// <param name="given">The columns of the type.</param>
    /// <param name="typeName">The type's name.</param>
    /// <exception cref="ModelTrackException">
    /// They do not fit (<see cref="ErrorCode.InvalidParameterValue"/>); the message names the column and the type that is expected.
    /// </exception>
    public static void Check(ServedModel model, ITransformer transformer, DataViewSchema saved, DataViewSchema given, string typeName)
    {
        var signature = model.Signature?.Inputs;
        foreach (var (name, expected, fits) in Expected(signature))
        {
            if (given.GetColumnOrNull(name) is { } column && !fits(column.Type))
            {
                throw Mismatch(model, $"the column '{name}' is expected as {expected}, and {typeName} has it as {Describe(column.Type)}", null);
            }
        }

        // Not every transformer looks at the size of a vector before it computes with it.
        foreach (var column in saved)
        {
            if (column.Type is VectorDataViewType { IsKnownSize: true } vector
                && given.GetColumnOrNull(column.Name) is { Type: VectorDataViewType other } && other.Size != vector.Size
                && IsNeeded(transformer, saved, column.Name))
            {
                throw Mismatch(
                    model,
                    $"the column '{column.Name}' is expected as {Describe(vector)}, and {typeName} has it as {Describe(other)}",
                    null);
            }
        }

        try
        {
            transformer.GetOutputSchema(given);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var byName = Expected(signature).ToLookup(column => column.Name, column => column.Type);
            foreach (var column in saved)
            {
                var expected = byName[column.Name].FirstOrDefault() ?? Describe(column.Type);
                var actual = given.GetColumnOrNull(column.Name);
                if (actual is null && IsNeeded(transformer, saved, column.Name))
                {
                    throw Mismatch(model, $"the column '{column.Name}' is expected as {expected}, and {typeName} does not have it", e);
                }

                if (actual is { } other && !other.Type.Equals(column.Type))
                {
                    throw Mismatch(
                        model,
                        $"the column '{column.Name}' is expected as {Describe(column.Type)}, and {typeName} has it as {Describe(other.Type)}",
                        e);
                }
            }

            throw Mismatch(model, e.Message, e);
        }
    }

    private static ModelTrackException Mismatch(ServedModel model, string what, Exception? inner)
        => new(ErrorCode.InvalidParameterValue, $"The model {model.Uri} does not fit: {what}.", inner);

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

    /// <summary>Whether the transformer refuses data without that column.</summary>
    private static bool IsNeeded(ITransformer transformer, DataViewSchema saved, string name)
    {
        var without = new DataViewSchema.Builder();
        foreach (var column in saved)
        {
            if (column.Name != name)
            {
                without.AddColumn(column.Name, column.Type, column.Annotations);
            }
        }

        try
        {
            transformer.GetOutputSchema(without.ToSchema());
            return false;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return true;
        }
    }
}
