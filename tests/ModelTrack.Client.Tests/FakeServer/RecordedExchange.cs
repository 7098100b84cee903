using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>One request to a real server and its answer, as recorded in Fixtures/http.</summary>
internal sealed class RecordedExchange
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "http");

    private readonly JsonElement _request;
    private readonly JsonElement _response;

    private RecordedExchange(string name, JsonElement root)
    {
        Name = name;
        _request = root.GetProperty("request");
        _response = root.GetProperty("response");
    }

    public string Name { get; }

    public HttpMethod Method => new(_request.GetProperty("method").GetString()!);

    public string Target => _request.GetProperty("path").GetString()!;

    public IReadOnlyDictionary<string, string> RequestHeaders => Headers(_request);

    public int Status => _response.GetProperty("status").GetInt32();

    public IReadOnlyDictionary<string, string> ResponseHeaders => Headers(_response);

    /// <summary>The answer as JSON, or as a JSON text when it was none.</summary>
    public JsonElement ResponseBody => _response.GetProperty("body");

    public byte[]? ResponseBytes
        => _response.TryGetProperty("body_base64", out var bytes) ? bytes.GetBytesFromBase64() : null;

    public static List<RecordedExchange> ReadAll() =>
    [
        .. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal)
            .Select(file => new RecordedExchange(Path.GetFileNameWithoutExtension(file), JsonDocument.Parse(File.ReadAllBytes(file)).RootElement)),
    ];

    /// <summary>What was sent, in which names are replaced; long lists that were cut for the file are filled up again.</summary>
    public byte[]? RequestBody(Func<string, string> replace)
    {
        if (_request.TryGetProperty("body_base64", out var bytes))
        {
            return bytes.GetBytesFromBase64();
        }

        if (!_request.TryGetProperty("body", out var body) || body.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var text = _request.TryGetProperty("body_shortened", out _) ? Lengthen(body)
            : body.ValueKind == JsonValueKind.String ? body.GetString()!
            : body.GetRawText();
        return Encoding.UTF8.GetBytes(replace(text));
    }

    private static string Lengthen(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.String)
        {
            // A run that does not matter, and keys that make the request longer than 1 MB.
            var points = Enumerable.Range(0, 1000).Select(i => Point(new string('k', 230) + i, i, new string(' ', 700)));
            return $$"""{"run_id": "493e993b2d2e4ffea2c2b7f37f4473b9", "metrics": [{{string.Join(", ", points)}}]}""";
        }

        var fields = body.EnumerateObject().Select(field => field.Value.ValueKind == JsonValueKind.Array
            && field.Value.EnumerateArray().Last() is { ValueKind: JsonValueKind.String } last
                ? $"\"{field.Name}\": [{string.Join(", ", Entries(field.Name, int.Parse(last.GetString()!.Split(' ')[1], CultureInfo.InvariantCulture)))}]"
                : $"\"{field.Name}\": {field.Value.GetRawText()}");
        return "{" + string.Join(", ", fields) + "}";
    }

    private static IEnumerable<string> Entries(string list, int count) => Enumerable.Range(0, count).Select(
        i => list == "metrics" ? Point("k" + i, i, "") : $$"""{"key": "k{{i}}", "value": "1"}""");

    private static string Point(string key, int value, string blanks)
        => $$"""{"key": "{{key}}", "value": {{value}}, {{blanks}}"timestamp": 1767225600000, "step": 0}""";

    private static Dictionary<string, string> Headers(JsonElement message)
        => message.GetProperty("headers").EnumerateObject()
            .ToDictionary(header => header.Name, header => header.Value.GetString()!, StringComparer.OrdinalIgnoreCase);
}
