using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>MLflow's endpoints <c>metrics/…</c>.</summary>
internal sealed class MetricsApi(RestSender sender)
{
    /// <summary>The page that MLflow's own client asks for.</summary>
    public const int HistoryPageSize = 25_000;

    private const string Root = "api/2.0/mlflow/metrics/";

    /// <summary>
    /// One page of a metric's points. A size is always sent, since newer servers take an absent one for 0; servers before 2.18 do not know it
    /// and send all points at once.
    /// </summary>
    public Task<MetricsResponse> GetHistoryPageAsync(
        string runId, string key, string? pageToken, CancellationToken cancellationToken, int maxResults = HistoryPageSize)
        => sender.GetAsync(
            Root + "get-history",
            [("run_id", runId), ("metric_key", key), ("max_results", Text(maxResults)), ("page_token", pageToken)],
            RestJson.Default.MetricsResponse,
            cancellationToken);

    /// <summary>All of a metric's points. None is what a server answers for an unknown run too.</summary>
    public async IAsyncEnumerable<WireMetric> GetHistoryAsync(
        string runId,
        string key,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        int pageSize = HistoryPageSize)
    {
        string? token = null;
        while (true)
        {
            var page = await GetHistoryPageAsync(runId, key, token, cancellationToken, pageSize).ConfigureAwait(false);
            foreach (var metric in page.Metrics ?? [])
            {
                yield return metric;
            }

            // A token that leads nowhere would do so for ever.
            if (string.IsNullOrEmpty(page.NextPageToken) || page.NextPageToken == token || page.Metrics is not { Count: > 0 })
            {
                yield break;
            }

            token = page.NextPageToken;
        }
    }

    /// <summary>Points of up to 100 runs, thinned out to at most <paramref name="maxResults"/> for each (since 2.11).</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="key">The metric's key.</param>
    /// <param name="steps">The first and the last step; null for all.</param>
    /// <param name="maxResults">1 to 2,500; null for the server's own number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The points, each with its run's id.</returns>
    public async Task<IReadOnlyList<WireMetric>> GetHistoryBulkIntervalAsync(
        IEnumerable<string> runIds, string key, (long First, long Last)? steps, int? maxResults, CancellationToken cancellationToken)
    {
        var answer = await sender.GetAsync(
            Root + "get-history-bulk-interval",
            [
                .. runIds.Select(id => ("run_ids", (string?)id)),
                ("metric_key", key),
                ("start_step", Text(steps?.First)),
                ("end_step", Text(steps?.Last)),
                ("max_results", Text(maxResults)),
            ],
            RestJson.Default.MetricsResponse,
            cancellationToken).ConfigureAwait(false);
        return answer.Metrics ?? [];
    }

    /// <summary>All points of up to 100 runs, at most 25,000 together. Made for MLflow's own pages, and not part of its documented API.</summary>
    public async Task<IReadOnlyList<WireMetric>> GetHistoryBulkAsync(
        IEnumerable<string> runIds, string key, int? maxResults, CancellationToken cancellationToken)
    {
        var body = await sender.GetBytesAsync(
            "ajax-api/2.0/mlflow/metrics/get-history-bulk",
            [.. runIds.Select(id => ("run_id", (string?)id)), ("metric_key", key), ("max_results", Text(maxResults))],
            cancellationToken).ConfigureAwait(false);
        return sender.Parse(HttpStatusCode.OK, BareNumbers.Quote(body), RestJson.Default.MetricsResponse).Metrics ?? [];
    }

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
