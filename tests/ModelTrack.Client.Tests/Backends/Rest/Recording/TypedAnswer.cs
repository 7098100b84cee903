using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace ModelTrack.Client.Tests.Backends.Rest.Recording;

/// <summary>What the client made of an answer, as JSON again, so that it can be compared with the answer.</summary>
internal sealed record TypedAnswer(JsonNode? Json)
{
    /// <summary>A call that has no result; MLflow's answer is an empty object.</summary>
    public static async Task<TypedAnswer> NothingAsync(Task call)
    {
        await call;
        return new TypedAnswer(new JsonObject());
    }

    public static async Task<TypedAnswer> OfAsync<T>(Task<T> call, JsonTypeInfo<T> typeInfo)
        => new(JsonSerializer.SerializeToNode(await call, typeInfo));

    /// <summary>For a call that gives back what one property of the answer holds.</summary>
    public static async Task<TypedAnswer> OfAsync<T>(string property, Task<T> call, JsonTypeInfo<T> typeInfo)
        => new(new JsonObject { [property] = JsonSerializer.SerializeToNode(await call, typeInfo) });

    /// <summary>For an answer that is a plain text.</summary>
    public static async Task<TypedAnswer> TextAsync(Task<string?> call) => new(JsonValue.Create(await call));
}
