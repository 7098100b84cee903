using ModelTrack.Client.Backends.Rest.Wire;
using ModelTrack.Client.Tracking.Search;

namespace ModelTrack.Client.Backends.Rest;

/// <summary>
/// Searches of runs and experiments. Filters, orders and page tokens go to the server as they are: its grammar counts, which in a newer one
/// may have more than this client knows.
/// </summary>
internal sealed class RestSearch(RestApi api)
{
    private readonly NullTestFallback<Experiment> _experiments = new(ExperimentSearchSchema.Instance);
    private readonly NullTestFallback<RunSnapshot> _runs = new(RunSearchSchema.Instance);

    public ValueTask<Page<Experiment>> ExperimentsAsync(ExperimentQuery query, string? pageToken, CancellationToken cancellationToken)
        => _experiments.SearchAsync(query.Filter, async filter =>
        {
            var request = new SearchExperimentsRequest(
                query.PageSize, pageToken, NotEmpty(filter), NotEmpty(query.OrderBy), query.View.WireName());
            var answer = await api.Experiments.SearchAsync(request, cancellationToken).ConfigureAwait(false);
            return new Page<Experiment>(
                [.. (answer.Experiments ?? []).Select(experiment => experiment.ToExperiment())], NextToken(answer.NextPageToken, pageToken));
        });

    public ValueTask<Page<RunSnapshot>> RunsAsync(RunQuery query, string? pageToken, CancellationToken cancellationToken)
        => _runs.SearchAsync(query.Filter, async filter =>
        {
            var request = new SearchRunsRequest(
                query.ExperimentIds, NotEmpty(filter), query.View.WireName(), query.PageSize, NotEmpty(query.OrderBy), pageToken);
            var answer = await api.Runs.SearchAsync(request, cancellationToken).ConfigureAwait(false);
            return new Page<RunSnapshot>([.. (answer.Runs ?? []).Select(run => run.ToSnapshot())], NextToken(answer.NextPageToken, pageToken));
        });

    /// <summary>A token that leads back to the same page leads nowhere.</summary>
    private static string? NextToken(string? next, string? current) => string.IsNullOrEmpty(next) || next == current ? null : next;

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static IReadOnlyList<string>? NotEmpty(IReadOnlyList<string> list) => list.Count == 0 ? null : list;
}
