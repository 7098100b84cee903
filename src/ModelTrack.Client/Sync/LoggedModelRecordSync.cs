using ModelTrack.Client.Backends;
using ModelTrack.Client.Backends.Rest;
using ModelTrack.Client.Backends.Rest.Wire;

namespace ModelTrack.Client;

/// <summary>
/// Copies what was logged of a model itself to its copy on a server of MLflow 3: params, tags, which points of runs are about it, and which
/// runs used it. Only adds; what differs is a conflict.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="target">The target.</param>
/// <param name="server">The target's server.</param>
/// <param name="runs">The copies of runs by the source runs' ids; null: not there yet.</param>
/// <param name="isDry">Whether to count only.</param>
internal sealed class LoggedModelRecordSync(
    SyncStore source, SyncStore target, RestBackend server, IReadOnlyDictionary<string, string?> runs, bool isDry)
{
    /// <summary>MLflow notes here of what a model is a version, which is for the target's registry to say.</summary>
    private const string VersionsTag = "mlflow.modelVersions";

    private static readonly LoggedModelRecords None = new(new Dictionary<string, string>(), new Dictionary<string, string>(), []);

    private readonly RunsApi _runs = new(server.Sender);
    private readonly LoggedModelsApi _models = new(server.Sender);

    /// <summary>A model's tags without those that say how it came to its store.</summary>
    public static Dictionary<string, string> OwnTags(LoggedModelRecords records) => records.Tags
        .Where(tag => !SyncTags.IsOfStore(tag.Key) && tag.Key is not (SystemTags.ModelKey or VersionsTag))
        .ToDictionary(tag => tag.Key, tag => tag.Value);

    /// <param name="modelId">The model.</param>
    /// <param name="copyId">Its copy; null when there is none yet, in a dry run.</param>
    /// <param name="users">The runs of the source that used it.</param>
    /// <param name="tally">What counts.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CopyAsync(
        string modelId, string? copyId, IEnumerable<string> users, SyncTally tally, CancellationToken cancellationToken)
    {
        var ours = await source.LoggedModels.ReadAsync(modelId, cancellationToken).ConfigureAwait(false) ?? None;
        var theirs = copyId is null ? null : await target.LoggedModels.ReadAsync(copyId, cancellationToken).ConfigureAwait(false);
        var missingParams = Missing("param", ours.Params, theirs?.Params, tally);
        var missingTags = Missing("tag", OwnTags(ours), theirs?.Tags, tally);
        if (!isDry && missingParams.Count > 0)
        {
            await _models.LogParamsAsync(copyId!, missingParams, cancellationToken).ConfigureAwait(false);
        }

        if (!isDry && missingTags.Count > 0)
        {
            await _models.SetTagsAsync(copyId!, missingTags, cancellationToken).ConfigureAwait(false);
        }

        tally.Params += missingParams.Count;
        tally.Tags += missingTags.Count;
        await LinkPointsAsync(copyId, ours, theirs ?? None, tally, cancellationToken).ConfigureAwait(false);
        foreach (var user in users.Distinct().Order(StringComparer.Ordinal))
        {
            await LinkUseAsync(copyId, user, tally, cancellationToken).ConfigureAwait(false);
        }
    }

    private static List<WirePair> Missing(
        string what, IReadOnlyDictionary<string, string> ours, IReadOnlyDictionary<string, string>? theirs, SyncTally tally)
    {
        var missing = new List<WirePair>();
        foreach (var (key, value) in ours)
        {
            if (theirs is null || !theirs.TryGetValue(key, out var there))
            {
                missing.Add(new WirePair(key, value));
            }
            else if (there != value)
            {
                tally.AddDifference($"{what} {Excerpt.Of(key)} of the logged model", there, value);
            }
        }

        return missing;
    }

    /// <summary>
    /// A point is sent a second time, with the model's id. So only to a database, where equal points are one, and only one that the run
    /// has: a database has 0 for a model's NaN, which would be a new point.
    /// </summary>
    private async Task LinkPointsAsync(
        string? copyId, LoggedModelRecords ours, LoggedModelRecords theirs, SyncTally tally, CancellationToken cancellationToken)
    {
        var there = theirs.Metrics.Select(metric => (metric.RunId, metric.Key, PointKey.Of(metric.Point, isMerging: true))).ToHashSet();
        foreach (var ofRun in ours.Metrics.GroupBy(metric => metric.RunId))
        {
            if (!runs.TryGetValue(ofRun.Key, out var runId))
            {
                continue; // It is not among those that are copied.
            }

            var missing = ofRun
                .Where(metric => runId is null || !there.Contains((runId, metric.Key, PointKey.Of(metric.Point, isMerging: true))))
                .ToList();
            if (missing.Count == 0)
            {
                continue;
            }

            if (runId is null || copyId is null)
            {
                tally.MetricPoints += isDry ? missing.Count : 0;
                continue;
            }

            var run = await server.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
            if (await server.Features.FindTypeAsync(run.ExperimentId, cancellationToken).ConfigureAwait(false) != StoreType.Sql)
            {
                return;
            }

            var points = await FindInRunAsync(runId, missing, tally, cancellationToken).ConfigureAwait(false);
            foreach (var part in points.Chunk(server.Limits.Metrics))
            {
                if (!isDry)
                {
                    var request = new LinkMetricsRequest(runId, [.. part.Select(metric => new WireMetric(
                        metric.Key,
                        metric.Point.Value,
                        metric.Point.TimestampMilliseconds,
                        metric.Point.Step,
                        copyId,
                        metric.DatasetName,
                        metric.DatasetDigest))]);
                    await _runs.LinkMetricsAsync(request, cancellationToken).ConfigureAwait(false);
                }

                tally.MetricPoints += part.Length;
            }
        }
    }

    private async Task<List<LoggedModelMetric>> FindInRunAsync(
        string runId, List<LoggedModelMetric> wanted, SyncTally tally, CancellationToken cancellationToken)
    {
        var found = new List<LoggedModelMetric>();
        foreach (var ofKey in wanted.GroupBy(metric => metric.Key))
        {
            var left = ofKey.DistinctBy(metric => PointKey.Of(metric.Point, isMerging: true))
                .ToDictionary(metric => PointKey.Of(metric.Point, isMerging: true));
            await foreach (var point in server.GetMetricHistoryAsync(runId, ofKey.Key, cancellationToken).ConfigureAwait(false))
            {
                if (double.IsFinite(point.Value) && left.Remove(PointKey.Of(point, isMerging: true), out var metric))
                {
                    found.Add(metric with { Point = point });
                }
            }

            if (left.Count > 0)
            {
                tally.AddConflict(
                    $"{left.Count} points of the metric {Excerpt.Of(ofKey.Key)} are about the logged model, but not among those of the run"
                    + $" {runId}; NaN cannot be said to be about a model a second time.");
            }
        }

        return found;
    }

    private async Task LinkUseAsync(string? copyId, string user, SyncTally tally, CancellationToken cancellationToken)
    {
        if (!runs.TryGetValue(user, out var runId))
        {
            return;
        }

        if (runId is not null && copyId is not null
            && (await server.GetRunAsync(runId, cancellationToken).ConfigureAwait(false)).ModelInputs.Contains(copyId))
        {
            return;
        }

        if (!isDry && (runId is null || copyId is null))
        {
            return;
        }

        if (!isDry)
        {
            var request = new LogInputsRequest(runId!, Models: [new WireModelInput(copyId!)]);
            await _runs.LogInputsAsync(request, cancellationToken).ConfigureAwait(false);
        }

        tally.IsChanged = true;
    }
}
