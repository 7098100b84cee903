using System.Text.Json.Serialization;

namespace ModelTrack.Client;

/// <summary>The files of the cache itself.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CachedModel))]
[JsonSerializable(typeof(ModelCacheIndex))]
internal sealed partial class ModelCacheJson : JsonSerializerContext;
