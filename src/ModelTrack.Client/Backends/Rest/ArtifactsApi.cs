using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>MLflow's own endpoints about a run's artifacts; where the files themselves go is said by the run's artifact URI.</summary>
internal sealed class ArtifactsApi(RestSender sender)
{
    /// <summary>Reads one file, wherever it is, through the server. Outside of the API, and so without its prefix.</summary>
    public const string GetArtifactRoute = "get-artifact";

    private const string ListRoute = "api/2.0/mlflow/artifacts/list";

    /// <summary>One page of one folder. None for a folder that is not there, and for the path of a file.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="path">The folder; empty for the root.</param>
    /// <param name="pageToken">The token of the page before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The page. MLflow itself has one only; others page.</returns>
    public Task<ListArtifactsResponse> ListAsync(string runId, string path, string? pageToken, CancellationToken cancellationToken)
        => sender.GetAsync(
            ListRoute,
            [("run_id", runId), ("path", path.Length > 0 ? path : null), ("page_token", pageToken)],
            RestJson.Default.ListArtifactsResponse,
            cancellationToken);

    /// <summary>The address of one file, read through the server.</summary>
    public Uri UriOfFile(string runId, string path) => sender.UriOf(GetArtifactRoute, [("run_id", runId), ("path", path)]);
}
