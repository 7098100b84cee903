using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using ModelTrack.Client.Fakes;

namespace ModelTrack.Client.Tests.Fakes;

/// <summary>The fake server answers what a real one answered, request after request.</summary>
internal sealed class RecordingsTests
{
    private const string SqlText = "the database's own text, with its statement";
    private const string GrammarText = "the text is that of the grammar that reads filters here";
    private const string DiskPath = "a folder on the disk of the recorder";
    private const string SetOrder = "names in the order of a Python set, which is random";

    private static readonly Dictionary<string, string> NotReplayed = new()
    {
        ["371-webhooks-create"] = "there are no webhooks",
        ["372-webhooks-list"] = "there are no webhooks",
        ["373-security-bad-host"] = "the host is not checked",
        ["374-security-cors-origin"] = "the origin is not checked",
    };

    /// <summary>Errors of which all but the message is compared.</summary>
    private static readonly Dictionary<string, string> OtherMessage = new()
    {
        ["010-experiments-create-already-exists"] = SqlText,
        ["034-experiments-search-bad-filter"] = GrammarText,
        ["039-experiments-search-bad-order-by"] = GrammarText,
        ["042-experiments-update-name-taken"] = SqlText,
        ["052-experiments-create-name-of-deleted"] = SqlText,
        ["064-runs-create-no-experiment"] = SqlText,
        ["083-runs-log-metric-nan-same-again"] = SqlText,
        ["123-runs-log-batch-nan-same-again"] = SqlText,
        ["188-runs-search-filter-or-unsupported"] = GrammarText,
        ["189-runs-search-filter-bad"] = GrammarText,
        ["190-runs-search-filter-unknown-entity"] = GrammarText,
        ["191-runs-search-filter-metric-string"] = GrammarText,
        ["192-runs-search-filter-param-number"] = GrammarText,
        ["193-runs-search-filter-unknown-attribute"] = GrammarText,
        ["194-runs-search-order-by-bad"] = GrammarText,
        ["221-runs-log-model-missing-fields"] = SetOrder,
        ["289-mlflow-artifacts-download-missing"] = DiskPath,
        ["300-mlflow-artifacts-download-after-delete"] = DiskPath,
        ["356-registered-models-search-bad-filter"] = GrammarText,
        ["359-model-versions-search-bad-filter"] = GrammarText,
    };

    private static readonly HashSet<string> Times =
    [
        "creation_time", "last_update_time", "creation_timestamp", "last_updated_timestamp", "creation_timestamp_ms", "last_updated_timestamp_ms",
    ];

    [Test]
    public async Task The_answers_are_those_of_the_recordings()
    {
        await using var main = await StartAsync(new FakeServerOptions { Version = "3.11.2.dev0", TimeProvider = NewClock() });
        await using var withUsers = await StartAsync(
            new FakeServerOptions { Version = "3.11.2.dev0", TimeProvider = NewClock(), UserName = "admin", Password = "password1234" });
        await using var withObjects = await StartAsync(
            new FakeServerOptions { Version = "3.11.2.dev0", TimeProvider = NewClock(), MultipartArtifacts = true, MinimumPartSize = 1 });
        using var http = new HttpClient();
        var names = new RecordedNames();
        var differences = new List<string>();
        var replayed = 0;

        foreach (var exchange in RecordedExchange.ReadAll().Where(exchange => !NotReplayed.ContainsKey(exchange.Name)))
        {
            var server = exchange.Name.Contains("-auth-") ? withUsers : exchange.Name.Contains("-s3-") ? withObjects : main;
            if (exchange.Name.EndsWith("s3-mpu-complete", StringComparison.Ordinal))
            {
                await UploadPartsAsync(http, exchange, names);
            }

            using var answer = await http.SendAsync(ToRequest(server, exchange, names));
            var difference = await CompareAsync(exchange, answer, names);
            if (difference is not null)
            {
                differences.Add($"{exchange.Name}: {difference}");
            }

            replayed++;
        }

        Assert.That(differences, Is.Empty, string.Join("\n", differences));
        Assert.That(replayed, Is.EqualTo(403 - NotReplayed.Count));
    }

    private static Task<FakeServer> StartAsync(FakeServerOptions options) => FakeServer.StartAsync(options);

    /// <summary>Every look at this clock is a millisecond later, so that times tell what came first.</summary>
    private static FakeTimeProvider NewClock()
        => new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    private static HttpRequestMessage ToRequest(FakeServer server, RecordedExchange exchange, RecordedNames names)
    {
        // Some paths have dots in them that a URI would resolve.
        var uri = new Uri(
            server.Url.GetLeftPart(UriPartial.Authority) + names.Replace(exchange.Target),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(exchange.Method, uri);
        if (exchange.RequestBody(names.Replace) is { } body)
        {
            request.Content = new ByteArrayContent(body);
        }

        foreach (var (name, value) in exchange.RequestHeaders)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    /// <summary>The parts went to the object store itself and are not in the recordings.</summary>
    private static async Task UploadPartsAsync(HttpClient http, RecordedExchange complete, RecordedNames names)
    {
        using var recorded = JsonDocument.Parse(complete.RequestBody(text => text)!);
        var content = new byte[5_243_880];
        var (offset, lengths) = (0, new[] { 5_242_880, 1000 });
        foreach (var part in recorded.RootElement.GetProperty("parts").EnumerateArray())
        {
            var length = lengths[part.GetProperty("part_number").GetInt32() - 1];
            using var body = new ByteArrayContent(content, offset, length);
            using var answer = await http.PutAsync(names.Replace(part.GetProperty("url").GetString()!), body);
            using var etag = JsonDocument.Parse(JsonSerializer.Serialize(new { upload_id = answer.Headers.ETag!.Tag }));
            using var recordedTag = JsonDocument.Parse(JsonSerializer.Serialize(new { upload_id = part.GetProperty("etag").GetString() }));
            names.Learn(Unquoted(recordedTag), Unquoted(etag));
            offset += length;
        }

        static JsonElement Unquoted(JsonDocument tag)
            => JsonDocument.Parse(tag.RootElement.GetRawText().Replace("\\u0022", "", StringComparison.Ordinal)).RootElement;
    }

    private static async Task<string?> CompareAsync(RecordedExchange exchange, HttpResponseMessage answer, RecordedNames names)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var text = Encoding.UTF8.GetString(bytes);
        if ((int)answer.StatusCode != exchange.Status)
        {
            return $"status {(int)answer.StatusCode} instead of {exchange.Status}: {text}";
        }

        foreach (var (name, value) in exchange.ResponseHeaders.Where(header => header.Key is not ("date" or "server" or "content-length")))
        {
            var found = answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values)
                ? string.Join(", ", values)
                : "";
            if (found != value)
            {
                return $"header {name} is '{found}' instead of '{value}'";
            }
        }

        if (exchange.ResponseBytes is { } recorded)
        {
            return bytes.AsSpan().SequenceEqual(recorded) ? null : "other bytes";
        }

        var expected = exchange.ResponseBody;
        if (expected.ValueKind == JsonValueKind.String)
        {
            return exchange.Method == HttpMethod.Head || text == expected.GetString() ? null : $"'{text}' instead of '{expected.GetString()}'";
        }

        using var json = JsonDocument.Parse(text);
        names.Learn(expected, json.RootElement);
        return Compare(expected, json.RootElement, "", exchange.Name, names);
    }

    private static string? Compare(JsonElement expected, JsonElement actual, string path, string name, RecordedNames names)
    {
        var property = path[(path.LastIndexOf('.') + 1)..];
        if (expected.ValueKind != actual.ValueKind)
        {
            return $"{path} is {actual} instead of {expected}";
        }

        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                var wanted = expected.EnumerateObject().Select(field => field.Name).Order().ToList();
                var found = actual.EnumerateObject().Select(field => field.Name).Order().ToList();
                if (!wanted.SequenceEqual(found))
                {
                    return $"{path} has {string.Join(", ", found)} instead of {string.Join(", ", wanted)}";
                }

                return CompareTimes(expected, actual, path) ?? wanted
                    .Select(field => Compare(expected.GetProperty(field), actual.GetProperty(field), $"{path}.{field}", name, names))
                    .FirstOrDefault(difference => difference is not null);
            case JsonValueKind.Array:
                if (expected.GetArrayLength() != actual.GetArrayLength())
                {
                    return $"{path} has {actual.GetArrayLength()} elements instead of {expected.GetArrayLength()}: {actual}";
                }

                return expected.EnumerateArray().Zip(actual.EnumerateArray())
                    .Select((pair, index) => Compare(pair.First, pair.Second, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"), name, names))
                    .FirstOrDefault(difference => difference is not null);
            case JsonValueKind.String:
                var text = names.Replace(expected.GetString()!);
                return text == actual.GetString() || (property == "message" && OtherMessage.ContainsKey(name))
                    ? null
                    : $"{path} is '{actual.GetString()}' instead of '{text}'";
            case JsonValueKind.Number:
                return Times.Contains(property) || expected.GetDouble().Equals(actual.GetDouble())
                    ? null
                    : $"{path} is {actual} instead of {expected}";
            default:
                return null;
        }
    }

    /// <summary>Times differ, but what is equal in one place is equal in the other, and what was later is later.</summary>
    private static string? CompareTimes(JsonElement expected, JsonElement actual, string path)
    {
        foreach (var (creation, change) in new[]
        {
            ("creation_time", "last_update_time"),
            ("creation_timestamp", "last_updated_timestamp"),
            ("creation_timestamp_ms", "last_updated_timestamp_ms"),
        })
        {
            if (expected.TryGetProperty(creation, out var created)
                && Sign(created, expected.GetProperty(change)) != Sign(actual.GetProperty(creation), actual.GetProperty(change)))
            {
                return $"{path}: {change} is {actual.GetProperty(change)} with {creation} {actual.GetProperty(creation)}";
            }
        }

        return null;

        static int Sign(JsonElement left, JsonElement right) => left.GetInt64().CompareTo(right.GetInt64());
    }
}
