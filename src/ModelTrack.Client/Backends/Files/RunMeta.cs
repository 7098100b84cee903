namespace ModelTrack.Client.Backends.Files;

/// <summary>What a run's <c>meta.yaml</c> says.</summary>
internal static class RunMeta
{
    public const string Active = "active";
    public const string Deleted = "deleted";

    /// <summary>The run without its params, metrics, tags, inputs and outputs.</summary>
    /// <exception cref="InvalidDataException">It is not the meta of the run in that folder.</exception>
    public static RunSnapshot ToSnapshot(MetaYaml yaml, string runFolder)
    {
        var folder = runFolder.AsSpan();
        var id = yaml.GetText("run_id") ?? yaml.GetRequiredText("run_uuid");
        if (!Path.GetFileName(folder).SequenceEqual(id))
        {
            throw new InvalidDataException($"It is of run '{id}', not of the run in whose folder it lies.");
        }

        var experimentId = yaml.GetRequiredText("experiment_id");
        if (!Path.GetFileName(Path.GetDirectoryName(folder)).SequenceEqual(experimentId))
        {
            throw new InvalidDataException($"It is of experiment '{experimentId}', not of the one in whose folder it lies.");
        }

        return new RunSnapshot
        {
            Id = id,
            ExperimentId = experimentId,
            Name = yaml.GetText("run_name") ?? "",
            Status = GetStatus(yaml),
            StartTime = yaml.GetTime("start_time") ?? DateTimeOffset.UnixEpoch,
            EndTime = yaml.GetTime("end_time"),
            UserId = yaml.GetText("user_id") ?? "",
            ArtifactUri = yaml.GetText("artifact_uri") ?? "",
            LifecycleStage = GetStage(yaml),
        };
    }

    public static LifecycleStage GetStage(MetaYaml yaml)
        => yaml.GetText("lifecycle_stage") == Deleted ? LifecycleStage.Deleted : LifecycleStage.Active;

    // MLflow writes the number; the word stands in stores that other tools made.
    private static RunStatus GetStatus(MetaYaml yaml) => yaml.GetRequiredText("status") switch
    {
        "1" or "RUNNING" => RunStatus.Running,
        "2" or "SCHEDULED" => RunStatus.Scheduled,
        "3" or "FINISHED" => RunStatus.Finished,
        "4" or "FAILED" => RunStatus.Failed,
        "5" or "KILLED" => RunStatus.Killed,
        var other => throw new InvalidDataException($"Its status '{other}' is unknown."),
    };
}
