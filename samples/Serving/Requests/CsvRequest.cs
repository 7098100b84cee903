using System.Text;

namespace Serving.Requests;

/// <summary>A header line and rows, as pandas writes them.</summary>
internal static class CsvRequest
{
    /// <exception cref="ScoringException">It is no such text.</exception>
    public static RequestTable Read(string text)
    {
        var lines = ReadLines(text).Where(line => line is not [""]).ToList();
        if (lines.Count == 0)
        {
            throw Fault("no columns to parse from file");
        }

        var names = lines[0];
        var rows = new List<Cell[]>(lines.Count - 1);
        foreach (var line in lines.Skip(1))
        {
            if (line.Count > names.Count)
            {
                throw Fault($"expected {names.Count} fields in row {rows.Count}, saw {line.Count}");
            }

            var row = new Cell[names.Count];
            for (var i = 0; i < line.Count; i++)
            {
                row[i] = new Cell(default, line[i]);
            }

            rows.Add(row);
        }

        return new RequestTable(names, rows);
    }

    private static IEnumerable<List<string>> ReadLines(string text)
    {
        var line = new List<string>();
        var field = new StringBuilder();
        var (isQuoted, isEmpty) = (false, true);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted)
            {
                if (c != '"')
                {
                    field.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = false;
                }

                continue;
            }

            switch (c)
            {
                case '"' when field.Length == 0:
                    isQuoted = true;
                    isEmpty = false;
                    break;
                case ',':
                    line.Add(field.ToString());
                    field.Clear();
                    isEmpty = false;
                    break;
                case '\r' when i + 1 < text.Length && text[i + 1] == '\n':
                    break;
                case '\n' or '\r':
                    line.Add(field.ToString());
                    field.Clear();
                    yield return line;
                    line = [];
                    isEmpty = true;
                    break;
                case '\uFEFF' when i == 0:
                    break;
                default:
                    field.Append(c);
                    isEmpty = false;
                    break;
            }
        }

        if (isQuoted)
        {
            throw Fault("a quoted field has no end");
        }

        if (!isEmpty)
        {
            line.Add(field.ToString());
            yield return line;
        }
    }

    private static ScoringException Fault(string error) => ScoringException.Malformed(
        "Failed to parse input as a Pandas DataFrame. Ensure that the input is a valid CSV-formatted Pandas DataFrame produced using the "
        + $"`pandas.DataFrame.to_csv()` method. Error: '{error}'");
}
