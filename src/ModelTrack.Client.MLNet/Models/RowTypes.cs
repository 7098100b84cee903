using Microsoft.ML;
using Microsoft.ML.Data;

namespace ModelTrack.Client.MLNet;

/// <summary>Makes prediction engines whose types of rows fit the model.</summary>
internal static class RowTypes
{
    /// <param name="mlContext">Makes the engine.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The schema that was saved with it.</param>
    /// <param name="uri">The model's URI, for messages.</param>
    /// <exception cref="ModelTrackException">They do not fit; the message has the column and the type that is expected.</exception>
    public static PredictionEngine<TIn, TOut> CreateEngine<TIn, TOut>(
        MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string uri)
        where TIn : class
        where TOut : class, new()
        => mlContext.Model.CreatePredictionEngine<TIn, TOut>(model, OptionsFor<TIn, TOut>(mlContext, model, inputSchema, uri));

    /// <summary>As <see cref="CreateEngine"/>, for who makes several engines of one model: what they are made with.</summary>
    public static PredictionEngineOptions OptionsFor<TIn, TOut>(MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string uri)
        where TIn : class
        where TOut : class, new()
    {
        var columns = TransformerColumns.Of(model, inputSchema);
        var input = SchemaDefinition.Create(typeof(TIn), SchemaDefinition.Direction.Write);
        foreach (var wanted in columns.Needed.Concat(columns.Demanded))
        {
            var given = input.FirstOrDefault(column => column.ColumnName == wanted.Name)
                ?? throw Misfit(
                    $"The model {uri} needs the column '{wanted.Name}' ({Describe(wanted.Type)}), and {typeof(TIn)} has none of that name.");
            if (!ColumnFit.Matches(given.ColumnType, wanted.Type))
            {
                throw Misfit(
                    $"The model {uri} needs the column '{wanted.Name}' to be {Describe(wanted.Type)}, and in {typeof(TIn)} it is "
                    + $"{Describe(given.ColumnType)}.");
            }

            // By its attributes a type tells neither how long a vector is nor how many values a key has, unless somebody wrote it there.
            given.ColumnType = wanted.Type;
        }

        var rows = mlContext.Data.LoadFromEnumerable<TIn>([], input);
        var outputs = model.GetOutputSchema(rows.Schema);
        foreach (var wanted in SchemaDefinition.Create(typeof(TOut), SchemaDefinition.Direction.Read))
        {
            if (outputs.GetColumnOrNull(wanted.ColumnName) is not { } given)
            {
                throw Misfit(
                    $"{typeof(TOut)} has the column '{wanted.ColumnName}', which the model {uri} does not give. It gives "
                    + $"{string.Join(", ", columns.Outputs.Select(column => $"'{column.Name}' ({Describe(column.Type)})"))}.");
            }

            if (!ColumnFit.Matches(given.Type, wanted.ColumnType))
            {
                throw Misfit(
                    $"The model {uri} gives the column '{given.Name}' as {Describe(given.Type)}, and in {typeof(TOut)} it is "
                    + $"{Describe(wanted.ColumnType)}.");
            }
        }

        return new PredictionEngineOptions { IgnoreMissingColumns = false, InputSchemaDefinition = input };
    }

    /// <summary>MLflow's type, which the signature has, and ML.NET's.</summary>
    private static string Describe(DataViewType type)
        => SchemaTypes.Of(type) is { } known ? $"{NameOf(known.ToSpec())}, in ML.NET {type}" : type.ToString()!;

    private static string NameOf(Client.ColumnType type) => type.Element is { } items ? $"array of {NameOf(items)}" : type.Name;

    private static ModelTrackException Misfit(string message) => new(ErrorCode.InvalidParameterValue, message);
}
