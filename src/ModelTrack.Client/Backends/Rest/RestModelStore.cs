using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using ModelTrack.Client.Backends.Files;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Stores models as MLflow 3 does: each a thing of its own beside the runs, made first and READY when its files are there. May be repeated:
/// a model is found by the key in its tag. One that fails on the way is UPLOAD_FAILED until a further try succeeds.
/// </summary>
internal sealed class RestModelStore(
    RestApi api, ArtifactRepositories repositories, ServerFeatures features, int parallel, ILogger logger)
{
    /// <summary>Where a location ends in <c>models/m-…/artifacts</c>, these folders are made.</summary>
    private const int OwnFolders = 3;

    private const int MostLinkedMetrics = 100;

    /// <summary>What a model inherits of its run's tags, as with MLflow's own client.</summary>
    private static readonly string[] Inherited =
    [
        SystemTags.User, SystemTags.SourceName, SystemTags.SourceType, SystemTags.GitCommit, SystemTags.GitBranch, SystemTags.GitRepoUrl,
    ];

    /// <summary>Null when the server has no logged models, being older than MLflow 3.</summary>
    public async ValueTask<StoredModel?> StoreAsync(string runId, ModelDraft draft, CancellationToken cancellationToken)
    {
        var run = (await api.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false)).ToSnapshot();
        WireLoggedModelInfo model;
        try
        {
            model = await FindOrCreateAsync(run, draft, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (RestErrors.IsMissingRoute(e))
        {
            return null;
        }

        var manifest = ModelManifest.Parse(draft.Manifest) with
        {
            ArtifactPath = model.ArtifactUri,
            RunId = runId,
            ModelId = model.ModelId,
            ModelUuid = model.ModelId,
        };
        try
        {
            await LinkAsync(run, draft, model.ModelId, cancellationToken).ConfigureAwait(false);
            await UploadAsync(model, draft, manifest, cancellationToken).ConfigureAwait(false);
            await api.LoggedModels.FinalizeAsync(model.ModelId, LoggedModelStatus.Ready, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            await TryFailAsync(model.ModelId).ConfigureAwait(false);
            throw;
        }

        return new StoredModel(model.ModelId, $"{ModelsUri.Scheme}:/{model.ModelId}", manifest);
    }

    private async Task<WireLoggedModelInfo> FindOrCreateAsync(RunSnapshot run, ModelDraft draft, CancellationToken cancellationToken)
    {
        if (await FindAsync(run, draft, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        var inherited = draft.Records?.Tags ?? Inherited.Where(run.Tags.ContainsKey).ToDictionary(key => key, key => run.Tags[key]);
        List<WirePair> tags = [.. WirePair.ListOf(inherited) ?? [], new WirePair(SystemTags.ModelKey, draft.Key)];
        var created = await api.LoggedModels.CreateAsync(
            new CreateLoggedModelRequest(
                run.ExperimentId, draft.Name, draft.ModelType, run.Id, WirePair.ListOf(draft.Records?.Params ?? run.Params), tags),
            cancellationToken).ConfigureAwait(false);
        return Answers.Require(created.Info, "info", api.Sender);
    }

    private async Task<WireLoggedModelInfo?> FindAsync(RunSnapshot run, ModelDraft draft, CancellationToken cancellationToken)
    {
        await foreach (var info in api.LoggedModels.FindAllAsync(run.ExperimentId, draft.Name, cancellationToken).ConfigureAwait(false))
        {
            if (IsOf(info, draft))
            {
                return info;
            }
        }

        return null;
    }

    private static bool IsOf(WireLoggedModelInfo info, ModelDraft draft)
        => info.Tags?.Any(tag => tag.Key == SystemTags.ModelKey && tag.Value == draft.Key) == true;

    /// <summary>Says to the run that the model is its output, and to the model which of the run's metrics are about it.</summary>
    private async Task LinkAsync(RunSnapshot run, ModelDraft draft, string modelId, CancellationToken cancellationToken)
    {
        if (run.ModelOutputs.Any(output => output.ModelId == modelId))
        {
            return;
        }

        // A folder behind the server would keep the points twice.
        if (draft.Records is null
            && await features.FindTypeAsync(run.ExperimentId, cancellationToken).ConfigureAwait(false) == StoreType.Sql)
        {
            foreach (var (key, point) in run.Metrics.Where(metric => metric.Value.Step == draft.Step && !double.IsNaN(metric.Value.Value)).Take(MostLinkedMetrics))
            {
                await api.Runs.LogMetricAsync(
                    new LogMetricRequest(run.Id, key, point.Value, point.TimestampMilliseconds, point.Step, modelId), cancellationToken).ConfigureAwait(false);
            }
        }

        try
        {
            await api.Runs.LogOutputsAsync(new LogOutputsRequest(run.Id, [new WireModelOutput(modelId, draft.Step)]), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (e.StatusCode == HttpStatusCode.BadRequest)
        {
            // A database refuses the same link a second time.
            var now = (await api.Runs.GetAsync(run.Id, cancellationToken).ConfigureAwait(false)).ToSnapshot();
            if (!now.ModelOutputs.Any(output => output.ModelId == modelId))
            {
                throw;
            }
        }
    }

    private async Task UploadAsync(WireLoggedModelInfo model, ModelDraft draft, ModelManifest manifest, CancellationToken cancellationToken)
    {
        var location = model.ArtifactUri ?? "";
        var repository = repositories.Find(location, OwnFolders) ?? throw ArtifactRepositories.CannotWrite(location);
        await Parallel.ForEachAsync(
            draft.Files,
            new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken },
            async (file, token) => await repository.UploadAsync(file.File, file.Path, null, token).ConfigureAwait(false)).ConfigureAwait(false);
        var temporary = Path.GetTempFileName(); // For the owner alone.
        try
        {
            await File.WriteAllBytesAsync(temporary, Encoding.UTF8.GetBytes(manifest.ToYaml()), cancellationToken).ConfigureAwait(false);
            await repository.UploadAsync(temporary, ModelManifest.FileName, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            AtomicFile.TryDelete(temporary);
        }
    }

    /// <summary>A model must not look as if its files were still on the way. Where not even that can be said, the next try says it.</summary>
    private async Task TryFailAsync(string modelId)
    {
        try
        {
            await api.LoggedModels.FinalizeAsync(modelId, LoggedModelStatus.UploadFailed, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ModelTrackException e)
        {
            logger.LogDebug(e, "The logged model {ModelId} could not be said to have failed", modelId);
        }
    }
}
