using System.Text.Json.Serialization;

namespace ModelTrack.Client;

/// <summary>
/// A model on its way to the store: all that is known of it before the store gives it a place. It waits as JSON beside the journal, and its
/// files with it.
/// </summary>
/// <param name="Key">Made once: by it the model is found when it is sent a second time, and it is the model's <c>model_uuid</c>.</param>
/// <param name="Name">The name, which is also its path among the run's artifacts where those hold it.</param>
/// <param name="Manifest">The manifest as YAML, without what only the store knows.</param>
/// <param name="Files">The files, the manifest not among them.</param>
/// <param name="RegisteredModelName">The registered model to make a version of; null: none.</param>
/// <param name="ModelType">The kind of model, or null.</param>
/// <param name="Step">The step that it is of.</param>
internal sealed record ModelDraft(
    string Key, string Name, string Manifest, IReadOnlyList<ModelDraftFile> Files, string? RegisteredModelName, string? ModelType, long Step)
{
    /// <summary>
    /// Of a copy: the original's params and tags. Null: the model gets the run's params, its tags of origin, and its metrics of the step.
    /// </summary>
    public ModelDraftRecords? Records { get; init; }
}

internal sealed record ModelDraftRecords(IReadOnlyDictionary<string, string> Params, IReadOnlyDictionary<string, string> Tags);

/// <param name="Path">Its path in the model's folder.</param>
/// <param name="File">The local file, or its name in the stage.</param>
internal sealed record ModelDraftFile(string Path, string File);

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelDraft))]
internal sealed partial class ModelDraftJson : JsonSerializerContext;
