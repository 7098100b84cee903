using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends;

/// <summary>
/// Stores models as MLflow 2 does, which servers before MLflow 3 and folders of every version read: among the run's artifacts, and in the
/// run's history of models, a tag. The manifest comes last, so that half a model is none. May be repeated.
/// </summary>
internal static class RunModelStore
{
    public static async ValueTask<StoredModel> StoreAsync(
        ITrackingBackend backend, string runId, ModelDraft draft, ILogger logger, CancellationToken cancellationToken)
    {
        var manifest = ModelManifest.Parse(draft.Manifest) with { ArtifactPath = draft.Name, RunId = runId };
        await ArtifactUploads.RunAsync(
            backend,
            runId,
            [.. draft.Files.Select(file => new ArtifactFile(file.File, ArtifactPath.Combine(draft.Name, file.Path)))],
            backend.ParallelUploads,
            null,
            cancellationToken).ConfigureAwait(false);
        using (var content = new MemoryStream(Encoding.UTF8.GetBytes(manifest.ToYaml())))
        {
            await backend.WriteArtifactAsync(runId, $"{draft.Name}/{ModelManifest.FileName}", content, cancellationToken).ConfigureAwait(false);
        }

        await NoteAsync(backend, runId, manifest, logger, cancellationToken).ConfigureAwait(false);
        return new StoredModel(null, $"{RunsUri.Scheme}:/{runId}/{draft.Name}", manifest);
    }

    /// <summary>The model is stored, whatever becomes of the note; a tag has only so much room.</summary>
    private static async ValueTask NoteAsync(
        ITrackingBackend backend, string runId, ModelManifest manifest, ILogger logger, CancellationToken cancellationToken)
    {
        var run = await backend.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        var history = Read(run.Tags.GetValueOrDefault(SystemTags.ModelHistory));
        if (history.Any(entry => entry?["model_uuid"]?.ToString() == manifest.ModelUuid))
        {
            return;
        }

        // What tells one from another; the signature and the rest are in the manifest.
        var entry = manifest with { Signature = null, Metadata = null, SavedInputExample = null };
        history.Add(JsonNode.Parse(entry.ToJson()));
        var text = history.ToJsonString();
        try
        {
            Rules.CheckTag(SystemTags.ModelHistory, text);
            await backend.SetRunTagAsync(runId, SystemTags.ModelHistory, text, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or ModelTrackException { IsTransient: false })
        {
            logger.LogWarning(
                new EventId(14, "ModelNotInHistory"),
                "Run {RunId}: the tag {Tag} has no room for one more model; '{Model}' is stored and loaded by its URI all the same",
                runId, SystemTags.ModelHistory, manifest.ArtifactPath);
        }
    }

    private static JsonArray Read(string? text)
    {
        try
        {
            return text is not null && JsonNode.Parse(text) is JsonArray list ? list : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
