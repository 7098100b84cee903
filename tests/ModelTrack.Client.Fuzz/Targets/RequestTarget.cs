using System.Text;
using ModelTrack.Client.Fuzz.Running;
using Serving;
using Serving.Requests;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>The body of a request for a prediction to samples/Serving, CSV or JSON: a table, or a <see cref="ScoringException"/>, which is answered 400.</summary>
internal sealed class RequestTarget : FuzzTarget
{
    private static readonly IReadOnlyList<ParamSpec> Known = ModelSignature.FromJson(
        null, null, """[{"name": "t", "type": "float", "default": 0.5, "shape": null}, {"name": "l", "type": "string", "default": ["a"], "shape": [-1]}]""").Params;

    public override string Name => "request";

    public override int ShortCount => 4_000;

    public override int BytesPerByte => 1000;

    protected override IReadOnlyList<string> Words =>
    [
        "\"dataframe_split\": ", "\"dataframe_records\": ", "\"instances\": ", "\"inputs\": ", "\"columns\": ", "\"index\": ", "\"data\": ", "\"params\": {\"t\": 1}", "NaN", "1e999", "\"\\ud800\"", "[[[[[[", "{\"a\":",
        "\"\"", "\r\n", ",", ",,", "\"a\"\"b\"", "null", "true",
    ];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        """{"dataframe_split": {"index": [0, 1], "columns": ["a", "b"], "data": [[1, "x"], [2.5, null]]}, "params": {"t": 0.25, "l": ["b"]}}""",
        """{"dataframe_records": [{"a": 1, "b": [1, 2]}, {"a": 2}]}""",
        """{"instances": [[1, 2, 3], [4, 5, 6]]}""",
        """{"inputs": {"x": [[1, 2], [3, 4]], "y": ["a", "b"]}}""",
        "a,b,\"c d\"\n1,\"x \"\"y\"\"\",\n2.5,,z\n",
    }.Select(Encoding.UTF8.GetBytes).Concat(SeedFiles.Fixtures("serving_input_example.json")).Concat(SeedFiles.Kept(Name));

    public override Outcome Read(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var json = Try(() => JsonRequest.Read(text, Known));
        var csv = Try(() => CsvRequest.Read(text));
        return new Outcome(
            json[0] == '+' ? Depth.Read : json.Contains("valid JSON", StringComparison.Ordinal) && csv[0] == '-' ? Depth.Refused : Depth.Partial,
            json + csv);
    }

    private static string Try(Func<RequestTable> read)
    {
        try
        {
            var table = read();
            if (table.Rows.Any(row => row.Length != table.Rows[0].Length || (table.Names is { } names && row.Length != names.Count)))
            {
                throw new FindingException("The rows of the table are not of one length.");
            }

            foreach (var cell in table.Rows.Take(8).SelectMany(row => row.Take(8)))
            {
                _ = (cell.IsNull, cell.AsList(), cell.ToString());
            }

            return $"+{Math.Min(table.Rows.Count, 9)} {Math.Min(table.Names?.Count ?? -1, 9)}";
        }
        catch (ScoringException e)
        {
            return "-" + ShapeOf(e);
        }
    }
}
