using System.Globalization;
using Microsoft.ML;
using ModelTrack.Client.MLNet;
using Serving.Requests;

namespace Serving.Columns;

/// <summary>What a model takes, and how the data of a request become that.</summary>
internal sealed class ModelInputs
{
    private readonly List<ModelInput> _columns;
    private readonly List<ModelInput> _needed;

    public ModelInputs(ModelLease lease)
    {
        var signature = lease.Model.Signature?.Inputs?.Columns ?? [];
        _columns = [.. lease.InputSchema.Where(column => !column.IsHidden && ModelInput.IsSupported(column.Type)).Select(column =>
        {
            var isNeeded = IsNeeded(lease.Transformer, lease.InputSchema, column.Name);
            var mayBeMissing = signature.Any(spec => spec.Name == column.Name && !spec.Required);
            return new ModelInput(column.Name, column.Type, isNeeded, isNeeded && !mayBeMissing);
        })];
        _needed = [.. _columns.Where(column => column.IsNeeded)];
    }

    /// <summary>Whether the model takes a column of that name; others in what it gives are its own.</summary>
    public bool Contains(string name) => _columns.Exists(column => column.Name == name);

    /// <exception cref="ScoringException">The data do not fit; the message names the column.</exception>
    public RequestView Bind(RequestTable table)
    {
        var cells = table.Names is { } names ? ByName(table, names) : ByPlace(table);
        return new RequestView(
            [.. _columns.Where(column => column.IsNeeded || cells.ContainsKey(column.Name))
                .Select(column => InputColumn.Make(column, table.Rows.Count, cells.GetValueOrDefault(column.Name) ?? (_ => null)))],
            table.Rows.Count);
    }

    /// <summary>For each column what gives its cells, row by row: one for a single value or a list, or several for a vector.</summary>
    private Dictionary<string, Func<int, IReadOnlyList<Cell>?>> ByName(RequestTable table, IReadOnlyList<string> names)
    {
        var result = new Dictionary<string, Func<int, IReadOnlyList<Cell>?>>(StringComparer.Ordinal);
        foreach (var (place, name) in names.Index())
        {
            // Of a name that comes twice, the last; of what the model does not know, nothing.
            result[name] = row => [table.Rows[row][place]];
        }

        var missing = _needed.Where(column => column.IsRequired && !result.ContainsKey(column.Name)).ToList();

        // An empty name is that of an index which pandas wrote too.
        var extra = names.Index().Where(name => name.Item.Length > 0 && !Contains(name.Item)).ToList();
        if (missing is [{ IsVector: true } vector] && vector.Size == extra.Count)
        {
            // A vector may come as that many columns: a CSV file has no lists.
            int[] places = [.. extra.Select(name => name.Index)];
            result[vector.Name] = row => Array.ConvertAll(places, place => table.Rows[row][place]);
            missing.Clear();
        }

        return missing.Count == 0
            ? result
            : throw ScoringException.Schema(
                $"Model is missing inputs [{Quoted(missing.Select(column => column.Name))}]."
                + (extra.Count == 0 ? "" : $" Note that there were extra inputs: [{Quoted(extra.Select(name => name.Item))}]."));
    }

    private Dictionary<string, Func<int, IReadOnlyList<Cell>?>> ByPlace(RequestTable table)
    {
        var width = table.Rows.Count == 0 ? _needed.Count : table.Rows[0].Length;
        if (_needed is [{ IsVector: true } vector] && (vector.Size == width || (vector.Size == 0 && width > 1)))
        {
            return new(StringComparer.Ordinal) { [vector.Name] = row => table.Rows[row] is [var only] ? [only] : table.Rows[row] };
        }

        var columns = _needed.Count == width ? _needed : _columns.Count == width ? _columns : null;
        return columns?.Index().ToDictionary(
            column => column.Item.Name, column => (Func<int, IReadOnlyList<Cell>?>)(row => [table.Rows[row][column.Index]]))
            ?? throw ScoringException.Schema(string.Create(
                CultureInfo.InvariantCulture, $"Model inputs have no names in the request and {width} values in a row; expected {Expectation()}."));
    }

    private string Expectation() => string.Join(", ", _needed.Select(column => string.Create(
        CultureInfo.InvariantCulture, $"'{column.Name}' ({(column.IsVector ? $"{column.Size} × " : "")}{column.TypeName})")));

    private static bool IsNeeded(ITransformer transformer, DataViewSchema schema, string name)
    {
        var without = new DataViewSchema.Builder();
        foreach (var column in schema.Where(column => column.Name != name))
        {
            without.AddColumn(column.Name, column.Type, column.Annotations);
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

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
