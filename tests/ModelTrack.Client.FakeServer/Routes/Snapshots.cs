namespace ModelTrack.Client.Fakes.Routes;

/// <summary>What is stored, in the form that the search works on.</summary>
internal static class Snapshots
{
    private static readonly long MaxMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static RunSnapshot Of(FakeRun run) => new()
    {
        Id = run.Id,
        Name = run.Name,
        ExperimentId = run.ExperimentId,
        Status = (RunStatus)(Array.IndexOf(RunRoutes.Statuses, run.Status) + 1),
        StartTime = ToTime(run.StartTime),
        EndTime = run.EndTime is { } end ? ToTime(end) : null,
        UserId = run.UserId,
        ArtifactUri = run.ArtifactUri,
        Params = run.Params,
        Tags = run.Tags,
        Metrics = run.LatestMetrics.ToDictionary(
            metric => metric.Key,
            metric => new MetricPoint(metric.Value.Value, metric.Value.Step, metric.Value.Timestamp)),
        DatasetInputs = [.. run.DatasetInputs.Select(input => new DatasetInput(
            input.Dataset.Name,
            input.Dataset.Digest,
            input.Dataset.SourceType,
            input.Dataset.Source,
            input.Dataset.Schema,
            input.Dataset.Profile,
            input.Tags.DistinctBy(tag => tag.Key).ToDictionary()))],
    };

    /// <summary>In filters a database compares a NaN as the 0 that stands in its place.</summary>
    public static RunSnapshot WithZeroForNaN(RunSnapshot run)
        => !run.Metrics.Values.Any(point => double.IsNaN(point.Value)) ? run : run with
        {
            Metrics = run.Metrics.ToDictionary(
                metric => metric.Key,
                metric => double.IsNaN(metric.Value.Value) ? metric.Value with { Value = 0 } : metric.Value),
        };

    /// <param name="experiment">The experiment.</param>
    /// <param name="numericIds">Whether ids are sorted as numbers; then they are filled up with zeros.</param>
    public static Experiment Of(FakeExperiment experiment, bool numericIds) => new()
    {
        Id = numericIds ? experiment.Id.PadLeft(20, '0') : experiment.Id,
        Name = experiment.Name,
        CreationTime = ToTime(experiment.CreationTime),
        LastUpdateTime = ToTime(experiment.LastUpdateTime),
        Tags = experiment.Tags,
    };

    private static DateTimeOffset ToTime(long milliseconds)
        => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, MaxMilliseconds));
}
