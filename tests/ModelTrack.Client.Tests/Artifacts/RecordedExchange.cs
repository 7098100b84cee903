using System.Text;
using System.Text.Json.Nodes;

namespace ModelTrack.Client.Tests.Artifacts;

/// <summary>One exchange with a real MLflow server, from <c>Fixtures/http</c>.</summary>
internal sealed class RecordedExchange
{
    private readonly JsonNode _request;
    private readonly JsonNode _response;

    private RecordedExchange(JsonNode file)
    {
        _request = file["request"]!;
        _response = file["response"]!;
    }

    public string Method => (string)_request["method"]!;

    public string Target => (string)_request["path"]!;

    public JsonNode? RequestBody => _request["body"];

    public byte[] RequestBytes => Bytes(_request);

    public int Status => (int)_response["status"]!;

    public JsonNode? ResponseBody => _response["body"];

    public byte[] ResponseBytes => Bytes(_response);

    public static RecordedExchange Load(string name)
        => new(JsonNode.Parse(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "http", name + ".json")))!);

    /// <summary>Answers as recorded.</summary>
    public async Task ReplayAsync(ByteExchange exchange)
    {
        await exchange.ReadBodyAsync();
        var headers = _response["headers"]!.AsObject().Select(header => $"{header.Key}: {header.Value}");
        await exchange.AnswerAsync(Status, ResponseBytes, [.. headers]);
    }

    private static byte[] Bytes(JsonNode message) => message["body_base64"] is { } base64
        ? Convert.FromBase64String((string)base64!)
        : message["body"] switch
        {
            null => [],
            JsonValue value when value.TryGetValue<string>(out var text) => Encoding.UTF8.GetBytes(text),
            var json => Encoding.UTF8.GetBytes(json.ToJsonString()),
        };
}
