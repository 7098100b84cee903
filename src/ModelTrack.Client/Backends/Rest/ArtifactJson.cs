using System.Text.Json.Serialization;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>How <see cref="ArtifactWire"/> is written and read.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ArtifactWire.Listing))]
[JsonSerializable(typeof(ArtifactWire.CreateUpload))]
[JsonSerializable(typeof(ArtifactWire.CreatedUpload))]
[JsonSerializable(typeof(ArtifactWire.CompleteUpload))]
[JsonSerializable(typeof(ArtifactWire.AbortUpload))]
[JsonSerializable(typeof(ArtifactWire.Presigned))]
[JsonSerializable(typeof(ArtifactWire.Nothing))]
internal sealed partial class ArtifactJson : JsonSerializerContext;
