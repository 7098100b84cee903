using System.Net;
using System.Text.Json;

namespace ModelTrack.Client.Tests.Backends.Rest;

/// <summary>One exchange with a real MLflow server, from <c>Fixtures/http</c>.</summary>
internal sealed class RegistryRecording
{
    private readonly JsonElement _json;

    private RegistryRecording(string name, JsonElement json)
    {
        Name = name;
        _json = json;
    }

    public string Name { get; }

    public int Status => _json.GetProperty("response").GetProperty("status").GetInt32();

    public JsonElement Answer => _json.GetProperty("response").GetProperty("body");

    private JsonElement Request => _json.GetProperty("request");

    /// <param name="number">The number that its file begins with.</param>
    public static RegistryRecording Of(int number)
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "http");
        var file = Directory.GetFiles(folder, $"{number:D3}-*.json").Single();
        return new RegistryRecording(Path.GetFileNameWithoutExtension(file), JsonDocument.Parse(File.ReadAllText(file)).RootElement);
    }

    public ScriptedAnswer ToAnswer() => new(Status, Answer.GetRawText());

    /// <summary>Every field as recorded, and no other.</summary>
    public void AssertSent(ScriptedRequest request)
    {
        var path = Request.GetProperty("path").GetString()!;
        var hasBody = Request.TryGetProperty("body", out var body) && body.ValueKind == JsonValueKind.Object;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(request.Method, Is.EqualTo(Request.GetProperty("method").GetString()));
            Assert.That(request.Path.Split('?')[0], Is.EqualTo(path.Split('?')[0]));
            Assert.That(Parameters(request.Path), Is.EquivalentTo(Parameters(path)));
            Assert.That(request.ContentType, Is.EqualTo(hasBody ? "application/json" : null));
            Assert.That(
                hasBody ? JsonElement.DeepEquals(JsonDocument.Parse(request.Body).RootElement, body) : request.Body.Length == 0,
                $"{request.Body} instead of {body}");
        }
    }

    private static IEnumerable<string> Parameters(string path)
        => path.Contains('?') ? path[(path.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(part => WebUtility.UrlDecode(part)) : [];
}
