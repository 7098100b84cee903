using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>The logged models of a server; those before MLflow 3 have none.</summary>
internal sealed class RestLoggedModels(LoggedModelsApi models) : ILoggedModels
{
    private const int PageSize = 50;

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
        string? token = null;
        do
        {
            var search = new SearchLoggedModelsRequest([run.ExperimentId], $"name = '{name}'", MaxResults: PageSize, PageToken: token);
            SearchLoggedModelsResponse page;
            try
            {
                page = await models.SearchAsync(search, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelTrackException e) when (IsNone(e))
            {
                return null;
            }

            var infos = (page.Models ?? []).Select(model => model.Info).OfType<WireLoggedModelInfo>();
            found.AddRange(infos.Where(info => info.SourceRunId == run.Id));
            token = page.NextPageToken.OrNull();
        }
        while (token is not null);

        var steps = run.ModelOutputs.DistinctBy(output => output.ModelId).ToDictionary(output => output.ModelId, output => output.Step);
        var latest = found
            .OrderByDescending(info => steps.GetValueOrDefault(info.ModelId, long.MinValue))
            .ThenByDescending(info => info.CreationTimestampMs)
            .FirstOrDefault();
        return latest is null ? null : ToPlace(latest);
    }

    /// <summary>The server does that itself when a version is made there with a model id.</summary>
    public ValueTask NoteVersionAsync(string modelId, string registeredName, int version, CancellationToken cancellationToken) => default;

    private static bool IsNone(ModelTrackException e) => e.ErrorCode == ErrorCode.ResourceDoesNotExist || RestErrors.IsMissingRoute(e);

    private static LoggedModelPlace ToPlace(WireLoggedModelInfo info)
        => new(info.ModelId, info.ArtifactUri ?? "", info.SourceRunId.OrNull())
        {
            Name = info.Name ?? "",
            ModelType = info.ModelType.OrNull(),
            Tags = (info.Tags ?? []).DistinctBy(tag => tag.Key).ToDictionary(tag => tag.Key, tag => tag.Value ?? ""),
            Fault = info.Status switch
            {
                LoggedModelStatus.Pending or "1" => "its files are on the way still",
                LoggedModelStatus.UploadFailed or "3" => "its files could not be stored when it was logged",
                _ => null,
            },
        };
}
