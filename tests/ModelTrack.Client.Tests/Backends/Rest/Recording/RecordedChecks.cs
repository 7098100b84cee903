using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client.Tests.Backends.Rest.Recording;

/// <summary>Replays recordings through the client's endpoints.</summary>
internal static class RecordedChecks
{
    private static readonly Uri Address = new("http://recorded.test:5000/prefix");

    /// <summary>The recordings that one of the routes can make, as cases named after their files.</summary>
    public static IEnumerable<TestCaseData> Cases(IEnumerable<RecordedRoute> routes, Func<RecordedExchange, bool> which)
        => RecordedExchange.All.Where(exchange => which(exchange) && routes.Any(route => route.Matches(exchange)))
            .Select(exchange => new TestCaseData(exchange).SetArgDisplayNames(exchange.Name));

    /// <summary>The client's request is the recorded one: method, path, query, and body as JSON.</summary>
    public static async Task RequestIsAsRecordedAsync(IEnumerable<RecordedRoute> routes, RecordedExchange exchange)
    {
        var route = routes.Single(r => r.Matches(exchange));
        var server = new RecordedServer(exchange);
        using var sender = SenderTo(server);
        try
        {
            await route.Call(sender, exchange);
        }
        catch (ModelTrackException) when (!exchange.IsSuccess)
        {
            // Only the request counts here.
        }

        var (method, uri, contentType, body) = server.Requests[0];
        Assert.That(method, Is.EqualTo(exchange.Method));
        Assert.That(
            Uri.UnescapeDataString(uri.AbsolutePath), Is.EqualTo("/prefix" + Uri.UnescapeDataString(exchange.Route)));
        Assert.That(
            QueryOf(uri).Where(pair => exchange.Query.Any(p => p.Name == pair.Name) || !route.AlwaysSent.Contains(pair.Name)),
            Is.EqualTo(exchange.Query));
        if (exchange.RequestBody is not { } recorded)
        {
            Assert.That(body, Is.Null);
            return;
        }

        Assert.That(contentType?.MediaType, Is.EqualTo("application/json"));
        Assert.That(
            JsonComparison.Differences(
                JsonNode.Parse(recorded.GetRawText()), JsonNode.Parse(body), (name, _) => route.AlwaysSent.Contains(name)),
            Is.Empty);
    }

    /// <summary>What the client makes of the answer has all that was recorded, and besides only what is absent on the wire: 0, false.</summary>
    public static async Task AnswerIsReadAsync(IEnumerable<RecordedRoute> routes, RecordedExchange exchange, RecordedExchange arguments)
    {
        var route = routes.Single(r => r.Matches(exchange));
        using var sender = SenderTo(new RecordedServer(exchange));
        var answer = await route.Call(sender, arguments);
        Assert.That(
            JsonComparison.Differences(JsonNode.Parse(exchange.ResponseBody.GetRawText()), answer.Json, IsDefault), Is.Empty);
    }

    public static RestSender SenderTo(HttpMessageHandler server)
#pragma warning disable CA2000 // The connection disposes it.
        => new(ServerConnection.For(Address, new HttpClient(server), new FakeTimeProvider(), new HttpSettings { Retries = 0 }));
#pragma warning restore CA2000

    private static bool IsDefault(string name, JsonNode? value) => value is null || value.ToJsonString() is "0" or "false" or "[]";

    private static List<(string Name, string Value)> QueryOf(Uri uri)
        => uri.Query.Length == 0
            ? []
            : [.. uri.Query[1..].Split('&').Select(pair => pair.Split('='))
                .Select(pair => (Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1])))];
}
