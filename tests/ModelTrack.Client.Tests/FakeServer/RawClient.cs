using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>Sends requests to a fake server as they are written.</summary>
internal sealed class RawClient(FakeServer server) : IDisposable
{
    private readonly HttpClient _http = new();

    public async Task<(int Status, string Body)> SendAsync(
        HttpMethod method,
        string path,
        string? body = null,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, server.Url.AbsoluteUri.TrimEnd('/') + path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public Task<(int Status, string Body)> PostAsync(string path, string body)
        => SendAsync(HttpMethod.Post, "/api/2.0/mlflow" + path, body);

    public Task<(int Status, string Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, "/api/2.0/mlflow" + path);

    public async Task<JsonElement> PostOkAsync(string path, string body) => Read(await PostAsync(path, body));

    public async Task<JsonElement> GetOkAsync(string path) => Read(await GetAsync(path));

    public async Task<string> CreateRunAsync(string experiment = "0")
    {
        var run = await PostOkAsync("/runs/create", $$"""{"experiment_id": "{{experiment}}", "run_name": "r", "start_time": 1}""");
        return run.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;
    }

    public void Dispose() => _http.Dispose();

    private static JsonElement Read((int Status, string Body) answer)
    {
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return JsonDocument.Parse(answer.Body).RootElement;
    }
}
