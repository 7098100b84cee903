using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace ModelTrack.Client;

/// <summary>A table as MLflow's UI reads it: pandas' "split" form without an index.</summary>
internal static class TableJson
{
    private static readonly SearchValues<char> NotInFileNames = SearchValues.Create("\"',:[]{}");

    /// <summary><c>{"columns": ["a"], "data": [[1], [2]]}</c> as ASCII; NaN and infinity are null, as pandas writes them.</summary>
    public static byte[] Write(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        CheckColumns(columns);
        ArgumentNullException.ThrowIfNull(rows);
        return Build(columns, json => WriteRows(json, rows, columns.Count, [.. Enumerable.Range(0, columns.Count)]));
    }

    /// <summary>The table with more rows, put under its columns by name; what a row has no value for is null, as pandas has it.</summary>
    /// <exception cref="JsonException">What is there is no table.</exception>
    public static byte[] Append(ReadOnlyMemory<byte> table, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        CheckColumns(columns);
        ArgumentNullException.ThrowIfNull(rows);
        using var old = JsonDocument.Parse(table);
        var (oldColumns, oldRows) = ReadParts(old.RootElement);
        string[] all = [.. oldColumns, .. columns.Except(oldColumns)];
        var given = columns.ToList();
        return Build(
            all,
            json =>
            {
                foreach (var row in oldRows.EnumerateArray())
                {
                    WriteOldRow(json, row, oldColumns.Length, all.Length);
                }

                WriteRows(json, rows, columns.Count, [.. all.Select(column => given.IndexOf(column))]);
            });
    }

    /// <summary>Checks the path of a table: <c>.json</c>, and no character that would break the tag that lists it.</summary>
    public static string CheckPath(string path)
    {
        path = ArtifactPath.Normalize(path);
        if (path.AsSpan().IndexOfAny(NotInFileNames) is >= 0 and var index)
        {
            throw new ArgumentException(
                $"The file of a table must not have {Excerpt.CharacterAt(path, index)} in its name, as {Excerpt.Of(path)} does.", nameof(path));
        }

        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? path
            : throw new ArgumentException($"A table is a .json file, unlike {Excerpt.Of(path)}.", nameof(path));
    }

    private static void CheckColumns(IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var names = new HashSet<string>();
        foreach (var column in columns)
        {
            Rules.CheckText(column, int.MaxValue, "column's name", nameof(columns));
            if (!names.Add(column))
            {
                throw new ArgumentException($"The table has two columns {Excerpt.Of(column)}.", nameof(columns));
            }
        }
    }

    private static byte[] Build(IReadOnlyList<string> columns, Action<Utf8JsonWriter> writeRows)
    {
        var buffer = new ArrayBufferWriter<byte>();

        // The writer's default encoder escapes all that is not ASCII, which is the form that pandas writes.
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("columns");
            foreach (var column in columns)
            {
                json.WriteStringValue(column);
            }

            json.WriteEndArray();
            json.WriteStartArray("data");
            writeRows(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static (string[] Columns, JsonElement Rows) ReadParts(JsonElement table)
    {
        try
        {
            return Parts(table);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A name or a column is no text: not UTF-8, or half of a surrogate pair.", e);
        }
    }

    private static (string[] Columns, JsonElement Rows) Parts(JsonElement table)
        => table.ValueKind == JsonValueKind.Object
            && table.TryGetProperty("columns", out var columns) && columns.ValueKind == JsonValueKind.Array
            && table.TryGetProperty("data", out var rows) && rows.ValueKind == JsonValueKind.Array
            && columns.EnumerateArray().All(column => column.ValueKind == JsonValueKind.String)
                ? ([.. columns.EnumerateArray().Select(column => column.GetString()!)], rows)
                : throw new JsonException("It has no columns and data.");

    private static void WriteOldRow(Utf8JsonWriter json, JsonElement row, int oldWidth, int width)
    {
        if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != oldWidth)
        {
            throw new JsonException("One of its rows is not as long as its columns are.");
        }

        json.WriteStartArray();
        foreach (var cell in row.EnumerateArray())
        {
            cell.WriteTo(json);
        }

        for (var i = oldWidth; i < width; i++)
        {
            json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    /// <param name="json">The writer.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">How many cells each has.</param>
    /// <param name="places">For each column of the table the cell that goes there, or -1.</param>
    private static void WriteRows(Utf8JsonWriter json, IEnumerable<IReadOnlyList<object?>> rows, int width, int[] places)
    {
        var index = 0;
        foreach (var row in rows)
        {
            if (row?.Count != width)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"Row {index} has {row?.Count ?? 0} cells, the table {width} columns."), nameof(rows));
            }

            json.WriteStartArray();
            foreach (var place in places)
            {
                WriteCell(json, place < 0 ? null : row[place], 0, nameof(rows));
            }

            json.WriteEndArray();
            index++;
        }
    }

    private static void WriteCell(Utf8JsonWriter json, object? cell, int depth, string paramName)
    {
        if (depth > ValueText.MaxDepth)
        {
            throw new ArgumentException("A cell of the table is nested too deeply, or contains itself.", paramName);
        }

        switch (cell)
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case sbyte or byte or short or ushort or int or long: json.WriteNumberValue(Convert.ToInt64(cell, CultureInfo.InvariantCulture)); break;
            case uint or ulong: json.WriteNumberValue(Convert.ToUInt64(cell, CultureInfo.InvariantCulture)); break;
            case decimal number: json.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case Half number when Half.IsFinite(number): json.WriteNumberValue((float)number); break;
            case float or double or Half: json.WriteNullValue(); break;
            case JsonElement element: element.WriteTo(json); break;
            case string or byte[] or IFormattable: json.WriteStringValue(ValueText.Format(cell)); break;
            case IDictionary map: WriteMap(json, map, depth, paramName); break;
            case IEnumerable list: WriteList(json, list, depth, paramName); break;
            default: json.WriteStringValue(ValueText.Format(cell)); break;
        }
    }

    private static void WriteMap(Utf8JsonWriter json, IDictionary map, int depth, string paramName)
    {
        json.WriteStartObject();
        foreach (DictionaryEntry entry in map)
        {
            json.WritePropertyName(ValueText.Format(entry.Key));
            WriteCell(json, entry.Value, depth + 1, paramName);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, IEnumerable list, int depth, string paramName)
    {
        json.WriteStartArray();
        foreach (var item in list)
        {
            WriteCell(json, item, depth + 1, paramName);
        }

        json.WriteEndArray();
    }
}
