using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>MLflow's endpoints <c>experiments/…</c>.</summary>
internal sealed class ExperimentsApi(RestSender sender)
{
    private const string Root = "api/2.0/mlflow/experiments/";

    /// <summary>Returns the new experiment's id. Not repeated once it may have been carried out.</summary>
    public async Task<string> CreateAsync(CreateExperimentRequest request, CancellationToken cancellationToken)
    {
        var created = await sender.SendAsync(
            HttpMethod.Post,
            Root + "create",
            request,
            RestJson.Default.CreateExperimentRequest,
            RestJson.Default.CreateExperimentResponse,
            cancellationToken,
            mayRepeat: false).ConfigureAwait(false);
        return Answers.Require(created.ExperimentId, "experiment_id", sender);
    }

    public async Task<WireExperiment> GetAsync(string experimentId, CancellationToken cancellationToken)
    {
        var found = await sender.GetAsync(
            Root + "get", [("experiment_id", experimentId)], RestJson.Default.ExperimentResponse, cancellationToken).ConfigureAwait(false);
        return Answers.Require(found.Experiment, "experiment", sender);
    }

    /// <summary>The experiment of that name, deleted or not.</summary>
    public async Task<WireExperiment> GetByNameAsync(string name, CancellationToken cancellationToken)
    {
        var found = await sender.GetAsync(
            Root + "get-by-name", [("experiment_name", name)], RestJson.Default.ExperimentResponse, cancellationToken).ConfigureAwait(false);
        return Answers.Require(found.Experiment, "experiment", sender);
    }

    public Task<SearchExperimentsResponse> SearchAsync(SearchExperimentsRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + "search",
            request,
            RestJson.Default.SearchExperimentsRequest,
            RestJson.Default.SearchExperimentsResponse,
            cancellationToken);

    public Task UpdateAsync(string experimentId, string newName, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + "update",
            new RenameExperimentRequest(experimentId, newName),
            RestJson.Default.RenameExperimentRequest,
            RestJson.Default.NoAnswer,
            cancellationToken);

    public Task DeleteAsync(string experimentId, CancellationToken cancellationToken)
        => Removal.EnsureAsync(SendIdAsync("delete", experimentId, cancellationToken));

    public Task RestoreAsync(string experimentId, CancellationToken cancellationToken)
        => Removal.EnsureAsync(SendIdAsync("restore", experimentId, cancellationToken));

    public Task SetTagAsync(string experimentId, string key, string value, CancellationToken cancellationToken)
        => SendTagAsync("set-experiment-tag", new ExperimentTagRequest(experimentId, key, value), cancellationToken);

    /// <summary>Deletes a tag; on servers before 3.2, which cannot, it becomes empty.</summary>
    /// <exception cref="ModelTrackException">There is no such tag, or on an older server it is empty.</exception>
    public async Task DeleteTagAsync(string experimentId, string key, CancellationToken cancellationToken)
    {
        try
        {
            await Removal.EnsureAsync(SendTagAsync("delete-experiment-tag", new ExperimentTagRequest(experimentId, key), cancellationToken))
                .ConfigureAwait(false);
        }
        catch (ModelTrackException e) when (RestErrors.IsMissingRoute(e))
        {
            var experiment = await GetAsync(experimentId, cancellationToken).ConfigureAwait(false);
            if (experiment.Tags?.LastOrDefault(tag => tag.Key == key) is not { Value.Length: > 0 })
            {
                throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The experiment '{experimentId}' has no tag '{key}'.");
            }

            await SetTagAsync(experimentId, key, "", cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<NoAnswer> SendIdAsync(string verb, string experimentId, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + verb,
            new ExperimentIdRequest(experimentId),
            RestJson.Default.ExperimentIdRequest,
            RestJson.Default.NoAnswer,
            cancellationToken);

    private Task<NoAnswer> SendTagAsync(string verb, ExperimentTagRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post, Root + verb, request, RestJson.Default.ExperimentTagRequest, RestJson.Default.NoAnswer, cancellationToken);
}
