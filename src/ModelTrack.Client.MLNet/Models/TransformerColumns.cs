using Microsoft.ML;

namespace ModelTrack.Client.MLNet;

/// <summary>What a model of ML.NET takes and gives, found out from the model itself.</summary>
/// <param name="Needed">The columns of the input that the predictions depend on.</param>
/// <param name="Demanded">
/// Columns that must be there although no prediction depends on them: of a pipeline that turns the label into a key, ML.NET wants the label.
/// </param>
/// <param name="Outputs">What comes out.</param>
internal sealed record TransformerColumns(
    IReadOnlyList<DataViewSchema.Column> Needed,
    IReadOnlyList<DataViewSchema.Column> Demanded,
    IReadOnlyList<DataViewSchema.Column> Outputs)
{
    private const string ScoreAnnotation = "ScoreColumnSetId";

    /// <exception cref="ArgumentException">The model does not fit the schema.</exception>
    public static TransformerColumns Of(ITransformer model, DataViewSchema inputSchema)
    {
        var inputs = inputSchema.Where(column => !column.IsHidden).ToList();
        if (!model.IsRowToRowMapper)
        {
            return new TransformerColumns(inputs, [], OutputsOf(model.GetOutputSchema(inputSchema), inputs));
        }

        var mapper = model.GetRowToRowMapper(inputSchema);
        var outputs = OutputsOf(mapper.OutputSchema, inputs);
        var names = mapper.GetDependencies(outputs).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var needed = inputs.Where(column => names.Contains(column.Name)).ToList();
        var demanded = Accepts(model, needed)
            ? []
            : inputs.Where(column => !names.Contains(column.Name) && !Accepts(model, inputs.Where(other => other.Name != column.Name))).ToList();
        return new TransformerColumns(needed, demanded, outputs);
    }

    /// <summary>The same for MLflow. Columns that it has no type for are left out; null when none is left.</summary>
    public ModelSignature? ToSignature()
    {
        var demanded = Demanded.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = ColumnsOf(Needed.Concat(Demanded).OrderBy(column => column.Index), column => !demanded.Contains(column.Name));
        var outputs = ColumnsOf(Outputs, _ => true);
        return inputs is null && outputs is null ? null : new ModelSignature(inputs, outputs);
    }

    /// <summary>
    /// The scores and what comes after them; without scores all that is new; of a model that only puts new values in place of old ones, everything.
    /// </summary>
    private static List<DataViewSchema.Column> OutputsOf(DataViewSchema schema, List<DataViewSchema.Column> inputs)
    {
        var known = inputs.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var added = schema.Where(column => !known.Contains(column.Name)).ToList();
        var scored = added.FindIndex(column => column.Annotations.Schema.Any(annotation => annotation.Name == ScoreAnnotation));
        var outputs = added.Skip(Math.Max(scored, 0)).Where(column => !column.IsHidden).ToList();
        return outputs.Count > 0 ? outputs : [.. schema.Where(column => !column.IsHidden)];
    }

    private static bool Accepts(ITransformer model, IEnumerable<DataViewSchema.Column> columns)
    {
        var schema = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            schema.AddColumn(column.Name, column.Type, column.Annotations);
        }

        try
        {
            model.GetOutputSchema(schema.ToSchema());
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ModelSchema? ColumnsOf(IEnumerable<DataViewSchema.Column> columns, Func<DataViewSchema.Column, bool> isRequired)
    {
        var specs = columns
            .Select(column => (Column: column, Type: SchemaTypes.Of(column.Type)))
            .Where(column => column.Type is not null)
            .Select(column => new ColumnSpec(column.Type!.ToSpec(), column.Column.Name, isRequired(column.Column)))
            .ToList();
        return specs.Count == 0 ? null : new ModelSchema(specs);
    }
}
