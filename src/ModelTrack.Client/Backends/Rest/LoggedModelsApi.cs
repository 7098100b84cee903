using System.Runtime.CompilerServices;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>The endpoints <c>logged-models</c> of MLflow 3; older servers do not have them (<see cref="RestErrors.IsMissingRoute"/>).</summary>
internal sealed class LoggedModelsApi(RestSender sender)
{
    /// <summary>As many params as MLflow's own client sends at a time.</summary>
    public const int ParamsAtATime = 100;

    private const int PageSize = 50;

    private const string Root = "api/2.0/mlflow/logged-models";

    /// <summary>
    /// Creates a model, in state PENDING. The first request carries 100 params, further ones the rest. Not repeated once it may have been
    /// carried out.
    /// </summary>
    /// <returns>The model as it was created, with its first 100 params.</returns>
    public async Task<WireLoggedModel> CreateAsync(CreateLoggedModelRequest request, CancellationToken cancellationToken)
    {
        var all = request.Params ?? [];
        var created = await sender.SendAsync(
            HttpMethod.Post,
            Root,
            all.Count <= ParamsAtATime ? request : request with { Params = [.. all.Take(ParamsAtATime)] },
            RestJson.Default.CreateLoggedModelRequest,
            RestJson.Default.LoggedModelResponse,
            cancellationToken,
            mayRepeat: false).ConfigureAwait(false);
        var model = Answers.Require(created.Model, "model", sender);
        if (all.Count > ParamsAtATime)
        {
            var modelId = Answers.Require(model.Info, "info", sender).ModelId;
            await LogParamsAsync(modelId, [.. all.Skip(ParamsAtATime)], cancellationToken).ConfigureAwait(false);
        }

        return model;
    }

    public async Task<WireLoggedModel> GetAsync(string modelId, bool allowDeleted, CancellationToken cancellationToken)
    {
        var found = await sender.GetAsync(
            Of(modelId), [("allow_deleted", allowDeleted ? "true" : null)], RestJson.Default.LoggedModelResponse, cancellationToken)
            .ConfigureAwait(false);
        return Answers.Require(found.Model, "model", sender);
    }

    /// <param name="modelId">The model.</param>
    /// <param name="status">One of <see cref="LoggedModelStatus"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The model.</returns>
    public async Task<WireLoggedModel> FinalizeAsync(string modelId, string status, CancellationToken cancellationToken)
    {
        var model = await sender.SendAsync(
            HttpMethod.Patch,
            Of(modelId),
            new FinalizeLoggedModelRequest(modelId, status),
            RestJson.Default.FinalizeLoggedModelRequest,
            RestJson.Default.LoggedModelResponse,
            cancellationToken).ConfigureAwait(false);
        return Answers.Require(model.Model, "model", sender);
    }

    public Task DeleteAsync(string modelId, CancellationToken cancellationToken)
        => Removal.EnsureAsync(sender.SendEmptyAsync(HttpMethod.Delete, Of(modelId), RestJson.Default.NoAnswer, cancellationToken));

    /// <summary>Adds params, 100 at a time. Not repeated: a database refuses a param the second time.</summary>
    public async Task LogParamsAsync(string modelId, IReadOnlyList<WirePair> pairs, CancellationToken cancellationToken)
    {
        foreach (var part in pairs.Chunk(ParamsAtATime))
        {
            await sender.SendAsync(
                HttpMethod.Post,
                Of(modelId) + "/params",
                new LoggedModelParamsRequest(modelId, part),
                RestJson.Default.LoggedModelParamsRequest,
                RestJson.Default.NoAnswer,
                cancellationToken,
                mayRepeat: false).ConfigureAwait(false);
        }
    }

    public Task SetTagsAsync(string modelId, IReadOnlyList<WirePair> tags, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Patch,
            Of(modelId) + "/tags",
            new LoggedModelTagsRequest(tags),
            RestJson.Default.LoggedModelTagsRequest,
            RestJson.Default.NoAnswer,
            cancellationToken);

    /// <summary>Deletes a tag. One with a slash in its key has no route on MLflow's servers.</summary>
    public Task DeleteTagAsync(string modelId, string key, CancellationToken cancellationToken)
        => Removal.EnsureAsync(sender.SendEmptyAsync(
            HttpMethod.Delete, $"{Of(modelId)}/tags/{Uri.EscapeDataString(key)}", RestJson.Default.NoAnswer, cancellationToken));

    public Task<SearchLoggedModelsResponse> SearchAsync(SearchLoggedModelsRequest request, CancellationToken cancellationToken)
        => sender.SendAsync(
            HttpMethod.Post,
            Root + "/search",
            request,
            RestJson.Default.SearchLoggedModelsRequest,
            RestJson.Default.SearchLoggedModelsResponse,
            cancellationToken);

    /// <summary>The models of a name in an experiment, page by page.</summary>
    public async IAsyncEnumerable<WireLoggedModelInfo> FindAllAsync(
        string experimentId, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            var search = new SearchLoggedModelsRequest([experimentId], $"name = '{name}'", MaxResults: PageSize, PageToken: token);
            var page = await SearchAsync(search, cancellationToken).ConfigureAwait(false);
            foreach (var info in (page.Models ?? []).Select(model => model.Info).OfType<WireLoggedModelInfo>())
            {
                yield return info;
            }

            token = page.NextPageToken.OrNull();
        }
        while (token is not null);
    }

    /// <summary>One folder of the model's files; empty for the root.</summary>
    public Task<ListArtifactsResponse> ListArtifactsAsync(string modelId, string path, CancellationToken cancellationToken)
        => sender.GetAsync(
            Of(modelId) + "/artifacts/directories",
            [("artifact_directory_path", path.Length > 0 ? path : null)],
            RestJson.Default.ListArtifactsResponse,
            cancellationToken);

    private static string Of(string modelId) => $"{Root}/{Uri.EscapeDataString(modelId)}";
}
