using System.Text.Json;
using ModelTrack.Client;

namespace Serving.Requests;

/// <summary>The four forms of JSON, of which a request has exactly one, and params beside it.</summary>
internal static class JsonRequest
{
    private const string Split = "dataframe_split";
    private const string Records = "dataframe_records";
    private const string Instances = "instances";
    private const string Inputs = "inputs";

    private static readonly string[] Forms = [Split, Records, Instances, Inputs];

    /// <param name="text">The request.</param>
    /// <param name="known">The params that the model knows. No transformer of ML.NET takes any, so they are only checked.</param>
    /// <exception cref="ScoringException">It is malformed.</exception>
    public static RequestTable Read(string text, IReadOnlyList<ParamSpec> known)
    {
        try
        {
            return ReadAny(text, known);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name with half of a surrogate pair, which is found when the name is read.
            throw ScoringException.Malformed($"Ensure that input is a valid JSON formatted string. Error: '{e.Message}'");
        }
    }

    private static RequestTable ReadAny(string text, IReadOnlyList<ParamSpec> known)
    {
        const string Required = "The input must be a JSON dictionary with exactly one of the input fields "
            + "{'dataframe_split', 'dataframe_records', 'instances', 'inputs'}";
        var request = JsonElement.Parse(text);
        if (request.ValueKind != JsonValueKind.Object)
        {
            throw ScoringException.Malformed(
                request.ValueKind == JsonValueKind.Array ? $"{Required}. Received a list." : $"{Required}. Received {NameOf(request)}.");
        }

        var members = request.EnumerateObject().Select(member => member.Name).Distinct().ToList();
        if (members.Intersect(Forms).ToList() is not [var form])
        {
            throw ScoringException.Malformed($"{Required}. Received dictionary with input fields: [{Quoted(members)}]");
        }

        if (request.TryGetProperty("params", out var parameters))
        {
            CheckParams(parameters, known);
        }

        var data = request.GetProperty(form);
        return form switch
        {
            Split => ReadSplit(data),
            Records => ReadRecords(data, "Dataframe records format must be a list of records."),
            Instances => ReadRows(data, form),
            _ => data.ValueKind == JsonValueKind.Object ? ReadColumns(data) : ReadRows(data, form),
        };
    }

    private static RequestTable ReadSplit(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            throw ScoringException.Malformed($"Dataframe split format must be a dictionary. Got {NameOf(data)}.");
        }

        var members = data.EnumerateObject().Select(member => member.Name).ToList();
        if (!members.Contains("data") || members.Except(["columns", "data", "index"]).Any())
        {
            throw ScoringException.Malformed(
                $"Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. Got [{Quoted(members)}].");
        }

        var rows = UnnamedRows(data.GetProperty("data"), Split);
        if (!data.TryGetProperty("columns", out var columns) || columns.ValueKind == JsonValueKind.Null)
        {
            return new RequestTable(null, rows);
        }

        if (columns.ValueKind != JsonValueKind.Array)
        {
            throw NotValid(Split, "'columns' must be a list");
        }

        var names = columns.EnumerateArray().Select(name => name.ToString()).ToList();
        return rows.Count > 0 && rows[0].Length != names.Count
            ? throw NotValid(Split, $"{names.Count} columns passed, passed data had {rows[0].Length} columns")
            : new RequestTable(names, rows);
    }

    private static RequestTable ReadRecords(JsonElement data, string rule)
    {
        if (data.ValueKind != JsonValueKind.Array || data.EnumerateArray().Any(record => record.ValueKind != JsonValueKind.Object))
        {
            throw ScoringException.Malformed($"{rule} Got {NameOf(data)}.");
        }

        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var member in data.EnumerateArray().SelectMany(record => record.EnumerateObject()))
        {
            places.TryAdd(member.Name, places.Count);
        }

        var rows = new List<Cell[]>(data.GetArrayLength());
        foreach (var record in data.EnumerateArray())
        {
            var row = new Cell[places.Count];
            foreach (var member in record.EnumerateObject())
            {
                row[places[member.Name]] = new Cell(member.Value);
            }

            rows.Add(row);
        }

        return new RequestTable([.. places.Keys], rows);
    }

    /// <summary>Rows of objects, of lists, or of single values.</summary>
    private static RequestTable ReadRows(JsonElement data, string form)
        => data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0 && data[0].ValueKind == JsonValueKind.Object
            ? ReadRecords(data, $"The rows of {form} must all be objects or none.")
            : new RequestTable(null, UnnamedRows(data, form));

    /// <summary>A list of values for each name; or one value for each, which is one row.</summary>
    private static RequestTable ReadColumns(JsonElement data)
    {
        var columns = data.EnumerateObject().ToList();
        if (columns.Count > 0 && columns.TrueForAll(column => column.Value.ValueKind != JsonValueKind.Array))
        {
            return new RequestTable(
                [.. columns.Select(column => column.Name)], [[.. columns.Select(column => new Cell(column.Value))]]);
        }

        if (columns.Find(column => column.Value.ValueKind != JsonValueKind.Array) is { Value.ValueKind: not JsonValueKind.Undefined } single)
        {
            throw NotValid(Inputs, $"'{single.Name}' is no list, and others are");
        }

        var lengths = columns.Select(column => column.Value.GetArrayLength()).Distinct().ToList();
        if (lengths.Count > 1)
        {
            throw NotValid(Inputs, "All arrays must be of the same length");
        }

        var rows = Enumerable.Range(0, lengths.FirstOrDefault()).Select(_ => new Cell[columns.Count]).ToList();
        foreach (var (place, column) in columns.Index())
        {
            foreach (var (row, value) in column.Value.EnumerateArray().Index())
            {
                rows[row][place] = new Cell(value);
            }
        }

        return new RequestTable([.. columns.Select(column => column.Name)], rows);
    }

    private static List<Cell[]> UnnamedRows(JsonElement data, string form)
    {
        if (data.ValueKind != JsonValueKind.Array)
        {
            throw NotValid(form, $"a list is expected, not {NameOf(data)}");
        }

        var rows = new List<Cell[]>(data.GetArrayLength());
        foreach (var row in data.EnumerateArray())
        {
            Cell[] cells = row.ValueKind == JsonValueKind.Array ? [.. row.EnumerateArray().Select(cell => new Cell(cell))] : [new Cell(row)];
            if (rows.Count > 0 && rows[0].Length != cells.Length)
            {
                throw NotValid(form, $"row {rows.Count} has {cells.Length} values, and row 0 has {rows[0].Length}");
            }

            rows.Add(cells);
        }

        return rows;
    }

    private static void CheckParams(JsonElement given, IReadOnlyList<ParamSpec> known)
    {
        if (given.ValueKind is JsonValueKind.Null)
        {
            return;
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            throw ScoringException.Schema($"Parameters must be a dictionary. Got {NameOf(given)}.");
        }

        foreach (var spec in known)
        {
            if (!given.TryGetProperty(spec.Name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            var fits = spec.IsList
                ? value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => Fits(item, spec.Type.Kind))
                : Fits(value, spec.Type.Kind);
            if (!fits)
            {
                throw ScoringException.Schema(
                    $"Incompatible types for param '{spec.Name}'. Can not safely convert {NameOf(value)} to {spec.Type.Name}.");
            }
        }
    }

    private static bool Fits(JsonElement value, ColumnKind kind) => kind switch
    {
        ColumnKind.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ColumnKind.Integer => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        ColumnKind.Long => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        ColumnKind.Float or ColumnKind.Double => value.ValueKind == JsonValueKind.Number,
        ColumnKind.String => value.ValueKind == JsonValueKind.String,
        ColumnKind.DateTime => value.ValueKind == JsonValueKind.String && value.TryGetDateTime(out _),
        _ => value.ValueKind == JsonValueKind.Object,
    };

    private static ScoringException NotValid(string form, string error)
        => ScoringException.Malformed($"Provided {form} field is not valid. Error: '{error}'");

    private static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "dictionary",
        JsonValueKind.Array => "list",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
