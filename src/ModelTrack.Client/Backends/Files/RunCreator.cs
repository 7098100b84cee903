namespace ModelTrack.Client.Backends.Files;

/// <summary>Makes runs. A run is built apart and moved to its place, so that nobody ever sees half of one.</summary>
internal sealed class RunCreator(FileLayout layout, ExperimentReader experiments)
{
    /// <returns>The folder of the new run.</returns>
    public string Create(RunCreation creation, CancellationToken cancellationToken)
    {
        var experiment = experiments.Get(creation.ExperimentId, cancellationToken);
        if (experiment.LifecycleStage == LifecycleStage.Deleted
            || layout.FindActiveExperimentFolder(creation.ExperimentId) is not { } experimentFolder)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState, $"The experiment '{experiment.Name}' (id {experiment.Id}) is deleted; restore it first.");
        }

        var runId = creation.RunId ?? Guid.NewGuid().ToString("N");
        var name = creation.Name ?? creation.Tags.GetValueOrDefault(SystemTags.RunName) ?? RunNames.Next();

        // MLflow takes every folder of an experiment for a run, except for a few such as this one, of which it opens only what a run names.
        var workshop = AtomicFile.NewTempPath(FileLayout.Datasets(experimentFolder));
        var built = workshop + "/" + runId;
        var folder = experimentFolder + "/" + runId;
        try
        {
            Directory.CreateDirectory(FileLayout.Metrics(built));
            Directory.CreateDirectory(FileLayout.Params(built));
            Directory.CreateDirectory(FileLayout.Artifacts(built));
            foreach (var (key, value) in creation.Tags)
            {
                KeyFiles.Write(FileLayout.Tags(built), key, value, built);
            }

            KeyFiles.Write(FileLayout.Tags(built), SystemTags.RunName, name, built);
            var location = ArtifactLocations.Append(experiment.ArtifactLocation, runId + "/artifacts");
            MetaFile.Write(built, NewMeta(creation, runId, name, location));
            Directory.Move(built, folder);
        }
        finally
        {
            if (Directory.Exists(workshop))
            {
                Directory.Delete(workshop, recursive: true);
            }
        }

        layout.RememberRunFolder(runId, folder);
        return folder;
    }

    private static MetaYaml NewMeta(RunCreation creation, string runId, string name, string artifactUri)
    {
        var yaml = new MetaYaml();
        yaml.Set("artifact_uri", artifactUri);
        yaml.Set("end_time", (long?)null);
        yaml.Set("entry_point_name", "");
        yaml.Set("experiment_id", creation.ExperimentId);
        yaml.Set("lifecycle_stage", RunMeta.Active);

        // MLflow 3 reads run_id; MLflow 2 needs run_uuid, without which its search of the whole experiment fails.
        yaml.Set("run_id", runId);
        yaml.Set("run_uuid", runId);
        yaml.Set("run_name", name);
        yaml.Set("source_name", "");
        yaml.Set("source_type", 4);
        yaml.Set("source_version", "");
        yaml.Set("start_time", creation.StartTime.ToUnixTimeMilliseconds());
        yaml.Set("status", (int)RunStatus.Running);
        yaml.Set("tags", YamlSequence.Empty);
        yaml.Set("user_id", creation.UserId);
        return yaml;
    }
}
