using System.Text;
using System.Text.Json;
using ModelTrack.Client.Fuzz.Running;

namespace ModelTrack.Client.Fuzz.Targets;

/// <summary>
/// A model's signature: the JSON of its columns or tensors and of its params. It is one, which can be written and read again, or an
/// <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class SignatureTarget : FuzzTarget
{
    public override string Name => "signature";

    public override int ShortCount => 5_000;

    public override int BytesPerByte => 1000;

    protected override IReadOnlyList<string> Words =>
    [
        "[{\"name\": \"a\", \"type\": \"long\"}]", "\"type\": \"tensor\"", "\"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 4]}", "{\"type\": \"array\", \"items\": ", "{\"type\": \"object\", \"properties\": {\"a\": ",
        "{\"type\": \"map\", \"values\": ", "\"required\": false", "\"optional\": true", "\"default\": ", "\"shape\": null", "\"dtype\": \"datetime\"", "NaN", "-Infinity", "1e999", "\"\\ud800\"", "[[[[", "]]]]", "}}}", ",", "any", "string", "double",
    ];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        """[{"name": "a", "type": "long", "required": true}, {"name": "b", "type": "string", "required": false}]""",
        """[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}, "name": "x"}, {"type": "tensor", "tensor-spec": {"dtype": "str", "shape": []}, "name": "y"}]""",
        """[{"name": "a", "type": "array", "items": {"type": "object", "properties": {"x": {"type": "double", "required": true}}}, "required": true}]""",
        """[{"name": "m", "type": "map", "values": {"type": "array", "items": {"type": "any"}}, "required": true}]""",
        """[{"name": "t", "type": "float", "default": 0.5, "shape": null}, {"name": "l", "type": "string", "default": ["a"], "shape": [-1]}, {"name": "n", "type": "double", "default": NaN, "shape": null}]""",
        """[{"type": "long"}, {"type": "boolean"}]""",
    }.Select(Encoding.UTF8.GetBytes).Concat(SeedFiles.Fixtures("*input_example*.json")).Concat(SeedFiles.Kept(Name));

    public override Outcome Read(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var json = Try(() =>
        {
            var value = PythonJson.Read(text);
            var written = PythonJson.Write(value);
            if (Unquoted(PythonJson.Read(written)) != written.Replace("\"", "", StringComparison.Ordinal) || PythonJson.Read(PythonJson.WriteIndented(value)) != PythonJson.Read(written))
            {
                throw new FindingException("This JSON, written and read again, is another value.");
            }

            return value.Kind.ToString();
        });
        var schema = Try(() =>
        {
            var signature = ModelSignature.FromJson(text);
            var written = signature.Inputs!.ToJson();
            if (ModelSignature.FromJson(written).Inputs!.ToJson() != written)
            {
                throw new FindingException("The schema, written and read again, is another one: " + written);
            }

            return $"{signature.Inputs.Columns.Count} {signature.Inputs.Tensors.Count}";
        });
        var parameters = Try(() =>
        {
            var signature = ModelSignature.FromJson(null, null, text);
            return $"{signature.Params.Count} {string.Join(',', signature.Params.Select(one => one.Default.Kind))}";
        });
        var read = schema[0] == '+' || parameters[0] == '+';
        return new Outcome(read ? Depth.Read : json[0] == '+' ? Depth.Partial : Depth.Refused, $"{json}|{schema}|{parameters}");
    }

    /// <summary>A bare NaN is read as a text.</summary>
    private static string Unquoted(ModelValue value) => PythonJson.Write(value).Replace("\"", "", StringComparison.Ordinal);

    private static string Try(Func<string> read)
    {
        try
        {
            return "+" + read();
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            return "-" + ShapeOf(e);
        }
    }
}
