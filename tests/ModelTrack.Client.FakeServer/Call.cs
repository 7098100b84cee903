using System.Text.Json;
using ModelTrack.Client.Fakes.Wire;

namespace ModelTrack.Client.Fakes;

/// <summary>One request on its way through a handler.</summary>
internal sealed class Call
{
    public required string Method { get; init; }

    /// <summary>The decoded path without the server's prefix.</summary>
    public required string Path { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Query { get; init; }

    public required string? ContentType { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public required FakeState State { get; init; }

    public required FakeServerOptions Options { get; init; }

    public required FakeServerVersion Version { get; init; }

    /// <summary>The place of the object store that artifacts lie in, if they do.</summary>
    public required ObjectStore? Objects { get; init; }

    /// <summary>What the path had in place of the names in the route.</summary>
    public IReadOnlyDictionary<string, string> Route { get; set; } = new Dictionary<string, string>();

    public bool IsSql => Options.Semantics == StoreSemantics.Sql;

    public long Now => Options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    public string? QueryValue(string name) => QueryValues(name).FirstOrDefault();

    public IEnumerable<string> QueryValues(string name) => Query.Where(pair => pair.Key == name).Select(pair => pair.Value);

    /// <summary>The body as JSON; a post or put has to say that it is.</summary>
    public JsonElement ReadJson()
    {
        if (Method is "POST" or "PUT")
        {
            if (string.IsNullOrEmpty(ContentType))
            {
                throw FakeException.Invalid("Bad Request. Content-Type header is missing.");
            }

            if (ContentType.Split(';')[0].Trim() != "application/json")
            {
                throw FakeException.Invalid("Bad Request. Content-Type must be one of ['application/json'].");
            }
        }

        return RequestBody.Parse(Body);
    }

    /// <summary>Reads and checks the request's message.</summary>
    public Message Read(MessageType type)
    {
        var json = Method == "GET" && Query.Count > 0 ? RequestBody.Parse(Query, type) : ReadJson();
        var message = new Message(type);
        var complete = MessageReader.TryRead(json, message);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ServerCrashException("The body is not an object.");
        }

        foreach (var field in type.Fields)
        {
            Check(json, field, complete);
        }

        return message;
    }

    private static void Check(JsonElement json, Field field, bool complete)
    {
        var present = json.TryGetProperty(field.Utf8Name, out var value);
        if (!present && !Array.Exists(field.Checks, check => check.IsRequired))
        {
            return;
        }

        if (field.Name == "run_id" && value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            && json.TryGetProperty("run_uuid"u8, out var uuid))
        {
            value = uuid;
        }

        foreach (var check in field.Checks)
        {
            if (!check.IsOfType || !complete)
            {
                check.Apply(field.Name, value);
            }
        }
    }
}
