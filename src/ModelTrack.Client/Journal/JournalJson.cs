using System.Text.Json.Serialization;

namespace ModelTrack.Client.Journal;

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalOwner))]
[JsonSerializable(typeof(RunDefinition))]
[JsonSerializable(typeof(RunPlan))]
[JsonSerializable(typeof(Rejection))]
[JsonSerializable(typeof(DatasetInput))]
internal sealed partial class JournalJson : JsonSerializerContext;
