using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;

namespace ModelTrack.Client;

/// <summary>
/// Copies the logged models of MLflow 3 that a run made and that are ready. Where the target has none, being older or a folder, they go
/// among the run's artifacts, as this client logs models there. A copy is found by the source model's id: in a tag of the logged model, or
/// in its manifest.
/// </summary>
internal sealed class LoggedModelSync(SyncStore source, SyncStore target, int parallel, ILogger logger)
{
    /// <summary>The copies by the source models' ids; the URI is null where there is none yet, in a dry run.</summary>
    private readonly ConcurrentDictionary<string, (string Name, string? Uri)> _copies = new(StringComparer.Ordinal);

    /// <summary>The runs that used a model as input.</summary>
    private readonly ConcurrentBag<(string ModelId, string RunId)> _uses = [];

    /// <summary>The URI of a model's copy; null when there is none, or not yet, in a dry run.</summary>
    public string? UriOf(string modelId) => _copies.GetValueOrDefault(modelId).Uri;

    /// <summary>A model that cannot be copied does not keep the others from it.</summary>
    public async Task CopyAsync(RunSnapshot run, RunSnapshot? copy, bool isDry, SyncTally tally, CancellationToken cancellationToken)
    {
        foreach (var modelId in run.ModelInputs.Distinct())
        {
            _uses.Add((modelId, run.Id));
        }

        foreach (var output in run.ModelOutputs.DistinctBy(output => output.ModelId))
        {
            try
            {
                await CopyAsync(output, copy, isDry, tally, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (SyncFaults.IsOfOneThing(e))
            {
                tally.Fail($"The logged model {output.ModelId} could not be copied: {Sentence.Of(e.Message)}");
            }
        }
    }

    /// <summary>
    /// Brings what was logged of the models themselves to their copies: params, tags, points, and which runs used them. When all runs are
    /// copied, since another run than the one that made a model may have measured it.
    /// </summary>
    /// <param name="runs">The copies of runs by the source runs' ids; null: not there yet.</param>
    /// <param name="isDry">Whether to count only.</param>
    /// <param name="tryAsync">Runs an action that may fail, and counts that.</param>
    /// <param name="finish">Told of each model.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CopyRecordsAsync(
        IReadOnlyDictionary<string, string?> runs,
        bool isDry,
        Func<SyncTally, Func<Task>, Task> tryAsync,
        Action<SyncItem> finish,
        CancellationToken cancellationToken)
    {
        if (_copies.IsEmpty
            || target.Backend is not RestBackend server
            || !await server.Features.MayHaveLoggedModelsAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var records = new LoggedModelRecordSync(source, target, server, runs, isDry);
        var uses = _uses.ToLookup(use => use.ModelId, use => use.RunId);
        foreach (var (modelId, copy) in _copies.OrderBy(copy => (copy.Value.Name, copy.Key)))
        {
            var copyId = copy.Uri is { } uri && UriScheme.Of(uri) == ModelsUri.Scheme ? ModelsUri.Parse(uri).ModelId : null;
            if (copyId is null && copy.Uri is not null)
            {
                continue;
            }

            var tally = new SyncTally();
            await tryAsync(
                tally, () => records.CopyAsync(modelId, copyId, uses[modelId], tally, cancellationToken)).ConfigureAwait(false);
            finish(tally.ToItem(SyncItemKind.LoggedModel, copy.Name, modelId, copyId));
        }
    }

    private async Task CopyAsync(ModelOutput output, RunSnapshot? copy, bool isDry, SyncTally tally, CancellationToken cancellationToken)
    {
        if (await source.LoggedModels.FindAsync(output.ModelId, cancellationToken).ConfigureAwait(false) is not { Fault: null } model)
        {
            return;
        }

        var found = copy is null ? null : await FindAsync(model, copy, tally, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            found = isDry ? null : await StoreAsync(model, copy!.Id, output.Step, cancellationToken).ConfigureAwait(false);
            tally.LoggedModels++;
        }

        if (found is not "")
        {
            _copies[model.ModelId] = (model.Name, found);
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

        tally.AddConflict(
            $"Another model is at the path {Excerpt.Of(model.Name)} of the run's artifacts, where the target would keep the logged model"
            + $" {model.ModelId}.");
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
                step)
            {
                Records = await source.LoggedModels.ReadAsync(model.ModelId, cancellationToken).ConfigureAwait(false) is { } records
                    ? new ModelDraftRecords(records.Params, LoggedModelRecordSync.OwnTags(records))
                    : null,
            };
            var stored = await target.Backend.StoreModelAsync(copyId, draft, logger, cancellationToken).ConfigureAwait(false);
            return stored.ModelUri;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
