using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;

namespace ModelTrack.Client;

/// <summary>
/// Copies the logged models of MLflow 3 that a run made and that are ready. Where the target has none, being older or a folder, they go among
/// the run's artifacts, as this client logs models there. A copy is found by the source model's id: in a tag of the logged model, or in its manifest.
/// </summary>
internal sealed class LoggedModelSync(SyncStore source, SyncStore target, int parallel, ILogger logger)
{
    /// <summary>The URIs of the copies, by the source models' ids; null where there is none yet, in a dry run.</summary>
    public Dictionary<string, string?> Copies { get; } = new(StringComparer.Ordinal);

    public async Task CopyAsync(RunSnapshot run, RunSnapshot? copy, bool isDry, SyncTally tally, CancellationToken cancellationToken)
    {
        foreach (var output in run.ModelOutputs.DistinctBy(output => output.ModelId))
        {
            if (await source.LoggedModels.FindAsync(output.ModelId, cancellationToken).ConfigureAwait(false) is not { Fault: null } model)
            {
                continue;
            }

            var found = copy is null ? null : await FindAsync(model, copy, tally, cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                tally.LoggedModels++;
                found = isDry ? null : await StoreAsync(model, copy!.Id, output.Step, cancellationToken).ConfigureAwait(false);
            }

            Copies[model.ModelId] = found.OrNull();
        }
    }

    /// <summary>The names of the logged models of a run in the target: what lies at such a path elsewhere is a copy of them.</summary>
    public async Task<IReadOnlyList<string>> ListNamesAsync(RunSnapshot copy, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        foreach (var output in copy.ModelOutputs)
        {
            if (await target.LoggedModels.FindAsync(output.ModelId, cancellationToken).ConfigureAwait(false) is { Name.Length: > 0 } model)
            {
                names.Add(model.Name);
            }
        }

        return names;
    }

    /// <summary>The copy's URI; null when there is none; empty when another model is in its place.</summary>
    private async Task<string?> FindAsync(LoggedModelPlace model, RunSnapshot copy, SyncTally tally, CancellationToken cancellationToken)
    {
        foreach (var output in copy.ModelOutputs)
        {
            // Its copy, or what it is a copy of.
            var isOrigin = model.Tags.GetValueOrDefault(SystemTags.ModelKey) == output.ModelId;
            if (await target.LoggedModels.FindAsync(output.ModelId, cancellationToken).ConfigureAwait(false) is { Fault: null } there
                && (isOrigin || there.Tags.GetValueOrDefault(SystemTags.ModelKey) == model.ModelId))
            {
                return $"{ModelsUri.Scheme}:/{there.ModelId}";
            }
        }

        var path = $"{model.Name}/{ModelManifest.FileName}";
        var files = await target.Backend.ListArtifactsAsync(copy.Id, model.Name, cancellationToken).ConfigureAwait(false);
        if (files.All(file => file.Path != path))
        {
            return null;
        }

        var content = await target.Backend.OpenArtifactAsync(copy.Id, path, cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            using var reader = new StreamReader(content);
            var manifest = ModelManifest.Parse(await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false));
            if (manifest.ModelUuid == model.ModelId)
            {
                return $"{RunsUri.Scheme}:/{copy.Id}/{model.Name}";
            }
        }

        tally.AddConflict($"Another model is at the path {Excerpt.Of(model.Name)} of the run's artifacts, where the target would keep the logged model {model.ModelId}.");
        return "";
    }

    private async Task<string> StoreAsync(LoggedModelPlace model, string copyId, long step, CancellationToken cancellationToken)
    {
        var files = model.Folder is { } local
            ? ArtifactSource.Of(new LocalArtifactRepository(local), local)
            : await source.Models.FindFilesAsync($"{ModelsUri.Scheme}:/{model.ModelId}", cancellationToken).ConfigureAwait(false);
        var folder = Directory.CreateTempSubdirectory("modeltrack-sync-").FullName;
        try
        {
            await ArtifactDownload.RunAsync(files, folder, "", parallel, null, cancellationToken).ConfigureAwait(false);
            var manifestFile = Path.Combine(folder, ModelManifest.FileName);
            var manifest = ModelManifest.Parse(await File.ReadAllTextAsync(manifestFile, cancellationToken).ConfigureAwait(false)) with
            {
                ModelUuid = model.ModelId,
                ModelId = null,
            };
            File.Delete(manifestFile);
            var draft = new ModelDraft(
                model.ModelId,
                model.Name,
                manifest.ToYaml(),
                [.. ArtifactUploads.ListFolder(folder, null).Select(file => new ModelDraftFile(file.Path, file.LocalFile))],
                null,
                model.ModelType,
                step);
            var stored = await target.Backend.StoreModelAsync(copyId, draft, logger, cancellationToken).ConfigureAwait(false);
            return stored.ModelUri;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
