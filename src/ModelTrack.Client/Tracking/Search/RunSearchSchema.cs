namespace ModelTrack.Client.Tracking.Search;

/// <summary>What can be searched of runs. <c>experiment_id</c> and <c>lifecycle_stage</c> cannot, as in MLflow.</summary>
internal static class RunSearchSchema
{
    public static SearchSchema<RunSnapshot> Instance { get; } = new()
    {
        Subject = "Runs",
        Entities =
        [
            Attributes(),
            new(["metrics", "metric"], key => new NumberColumn<RunSnapshot>(
                key, run => run.Metrics.TryGetValue(key, out var point) ? point.Value : null)),
            new(["params", "param", "parameter", "parameters"], key => new TextColumn<RunSnapshot>(
                key, SearchOperators.Texts | SearchOperators.NullTests, run => run.Params.GetValueOrDefault(key))),
            new(["tags", "tag"], key => new TextColumn<RunSnapshot>(
                key, SearchOperators.Texts | SearchOperators.NullTests, run => run.Tags.GetValueOrDefault(key))),
            new(["datasets", "dataset"],
            [
                Dataset("name", input => input.Name),
                Dataset("digest", input => input.Digest),
                Dataset("context", input => input.Context),
            ]),
        ],
        DefaultOrder = ["start_time DESC", "run_id ASC"],
        TieBreak = ["start_time DESC", "run_id ASC"],
    };

    private static SearchEntity<RunSnapshot> Attributes() => new SearchEntity<RunSnapshot>(
        ["attributes", "attribute", "attr", "run"],
        [
            new TextColumn<RunSnapshot>("run_id", SearchOperators.Texts | SearchOperators.Lists, run => run.Id),
            Text("run_name", run => run.Name),
            Text("user_id", run => run.UserId),
            Text("status", run => StatusName(run.Status)),
            new NumberColumn<RunSnapshot>("start_time", run => run.StartTime.ToUnixTimeMilliseconds()),
            new NumberColumn<RunSnapshot>("end_time", run => run.EndTime?.ToUnixTimeMilliseconds()),
            Text("artifact_uri", run => run.ArtifactUri),
        ])
        .WithAliases("start_time", ["created", "Created"], sortable: true)
        .WithAliases("run_name", ["run name", "Run name", "Run Name"], sortable: false);

    private static TextColumn<RunSnapshot> Text(string name, Func<RunSnapshot, string?> read) => new(name, SearchOperators.Texts, read);

    private static TextSetColumn<RunSnapshot> Dataset(string name, Func<DatasetInput, string?> read)
        => new(name, SearchOperators.Texts | SearchOperators.Lists, run => run.DatasetInputs.Select(read));

    private static string StatusName(RunStatus status) => status switch
    {
        RunStatus.Running => "RUNNING",
        RunStatus.Scheduled => "SCHEDULED",
        RunStatus.Finished => "FINISHED",
        RunStatus.Failed => "FAILED",
        RunStatus.Killed => "KILLED",
        _ => "",
    };
}
