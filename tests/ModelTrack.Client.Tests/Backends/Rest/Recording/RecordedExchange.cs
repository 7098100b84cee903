using System.Text;
using System.Text.Json;

namespace ModelTrack.Client.Tests.Backends.Rest.Recording;

/// <summary>One request to a real MLflow server and its answer, from <c>Fixtures/http</c>.</summary>
internal sealed class RecordedExchange
{
    private static readonly Lazy<List<RecordedExchange>> Recordings = new(
        () => [.. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(file => new RecordedExchange(file))]);

    private RecordedExchange(string file)
    {
        Name = Path.GetFileNameWithoutExtension(file);
        var root = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
        var request = root.GetProperty("request");
        var response = root.GetProperty("response");
        Method = request.GetProperty("method").GetString()!;
        var address = request.GetProperty("path").GetString()!.Split('?', 2);
        Route = address[0];
        Query = address.Length == 1 ? [] : [.. address[1].Split('&').Select(Pair)];
        var body = request.GetProperty("body");
        RequestBody = body.ValueKind == JsonValueKind.Null ? null : body;
        Status = response.GetProperty("status").GetInt32();
        ResponseHeaders = response.GetProperty("headers").EnumerateObject().ToDictionary(h => h.Name, h => h.Value.GetString()!);
        ResponseBody = response.GetProperty("body");
        ResponseBytes = response.TryGetProperty("body_raw", out var raw) ? Encoding.UTF8.GetBytes(raw.GetString()!)
            : response.TryGetProperty("body_base64", out var base64) ? base64.GetBytesFromBase64()
            : ResponseBody.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(ResponseBody.GetString()!)
            : Encoding.UTF8.GetBytes(ResponseBody.GetRawText());
    }

    /// <summary>All recordings, in the order in which they were made.</summary>
    public static IReadOnlyList<RecordedExchange> All => Recordings.Value;

    /// <summary>The file's name without its ending, for example <c>008-experiments-create</c>.</summary>
    public string Name { get; }

    /// <summary>The number at the beginning of the name.</summary>
    public int Number => int.Parse(Name.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture);

    public string Method { get; }

    /// <summary>The path without the query, as it was sent, from the server on.</summary>
    public string Route { get; }

    /// <summary>The query's names and values, decoded, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Query { get; }

    /// <summary>Null without a body; a text where what was sent was no JSON.</summary>
    public JsonElement? RequestBody { get; }

    public int Status { get; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public IReadOnlyDictionary<string, string> ResponseHeaders { get; }

    /// <summary>A text where the answer was no JSON.</summary>
    public JsonElement ResponseBody { get; }

    public byte[] ResponseBytes { get; }

    private static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "http");

    public static RecordedExchange Named(string name) => All.Single(exchange => exchange.Name == name);

    /// <summary>The value of a parameter of the query, or of a text or number in the JSON body; null when there is none.</summary>
    public string? Argument(string name)
        => Query.Where(pair => pair.Name == name).Select(pair => pair.Value).FirstOrDefault()
            ?? (RequestBody is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var value) ? value.ToString() : null);

    /// <summary>All values of a parameter of the query.</summary>
    public string[] Arguments(string name) => [.. Query.Where(pair => pair.Name == name).Select(pair => pair.Value)];

    public override string ToString() => Name;

    private static (string Name, string Value) Pair(string text)
    {
        var parts = text.Split('=', 2);
        return (Decode(parts[0]), Decode(parts[1]));
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
