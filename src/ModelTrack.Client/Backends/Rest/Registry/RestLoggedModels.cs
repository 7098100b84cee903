using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>The logged models of a server; those before MLflow 3 have none.</summary>
internal sealed class RestLoggedModels(LoggedModelsApi models) : ILoggedModels
{
    public async ValueTask<LoggedModelPlace?> FindAsync(string modelId, CancellationToken cancellationToken)
    {
        try
        {
            var model = await models.GetAsync(modelId, allowDeleted: false, cancellationToken).ConfigureAwait(false);
            return model.Info is { } info ? ToPlace(info) : null;
        }
        catch (ModelTrackException e) when (IsNone(e))
        {
            return null;
        }
    }

    public async ValueTask<LoggedModelPlace?> FindOfRunAsync(RunSnapshot run, string name, CancellationToken cancellationToken)
    {
        var found = new List<WireLoggedModelInfo>();
        try
        {
            await foreach (var info in models.FindAllAsync(run.ExperimentId, name, cancellationToken).ConfigureAwait(false))
            {
                if (info.SourceRunId == run.Id)
                {
                    found.Add(info);
                }
            }
        }
        catch (ModelTrackException e) when (IsNone(e))
        {
            return null;
        }

        var steps = run.ModelOutputs.DistinctBy(output => output.ModelId).ToDictionary(output => output.ModelId, output => output.Step);
        var latest = found
            .OrderByDescending(info => steps.GetValueOrDefault(info.ModelId, long.MinValue))
            .ThenByDescending(info => info.CreationTimestampMs)
            .FirstOrDefault();
        return latest is null ? null : ToPlace(latest);
    }

    public async ValueTask<LoggedModelRecords?> ReadAsync(string modelId, CancellationToken cancellationToken)
    {
        try
        {
            var model = await models.GetAsync(modelId, allowDeleted: false, cancellationToken).ConfigureAwait(false);
            return new LoggedModelRecords(
                WirePair.ToDictionary(model.Data?.Params),
                WirePair.ToDictionary(model.Info?.Tags),
                [.. (model.Data?.Metrics ?? []).Where(metric => !string.IsNullOrEmpty(metric.RunId)).Select(metric => new LoggedModelMetric(
                    metric.RunId!, metric.Key, metric.ToPoint(), metric.DatasetName.OrNull(), metric.DatasetDigest.OrNull()))]);
        }
        catch (ModelTrackException e) when (IsNone(e))
        {
            return null;
        }
    }

    /// <summary>The server does that itself when a version is made there with a model id.</summary>
    public ValueTask NoteVersionAsync(string modelId, string registeredName, int version, CancellationToken cancellationToken) => default;

    private static bool IsNone(ModelTrackException e) => e.ErrorCode == ErrorCode.ResourceDoesNotExist || RestErrors.IsMissingRoute(e);

    private static LoggedModelPlace ToPlace(WireLoggedModelInfo info)
        => new(info.ModelId, info.ArtifactUri ?? "", info.SourceRunId.OrNull())
        {
            Name = info.Name ?? "",
            ModelType = info.ModelType.OrNull(),
            Tags = WirePair.ToDictionary(info.Tags),
            Fault = info.Status switch
            {
                LoggedModelStatus.Pending or "1" => LoggedModelPlace.IsPending,
                LoggedModelStatus.UploadFailed or "3" => LoggedModelPlace.HasFailed,
                _ => null,
            },
        };
}
