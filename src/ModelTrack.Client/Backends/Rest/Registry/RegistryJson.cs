using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>How the registry's wire types are read and written: generated, so that nothing is reflected upon.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WireModelRequest))]
[JsonSerializable(typeof(WireVersionRequest))]
[JsonSerializable(typeof(WireCreateVersion))]
[JsonSerializable(typeof(WireModelAnswer))]
[JsonSerializable(typeof(WireVersionAnswer))]
[JsonSerializable(typeof(WireModelPage))]
[JsonSerializable(typeof(WireVersionPage))]
[JsonSerializable(typeof(WireDownloadUri))]
[JsonSerializable(typeof(WireNothing))]
internal sealed partial class RegistryJson : JsonSerializerContext;
