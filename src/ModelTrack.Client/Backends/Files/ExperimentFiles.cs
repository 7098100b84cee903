using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>
/// Changes experiments. Everything here happens under one lock of the store, since what must hold concerns all of them: no two have
/// one name.
/// </summary>
internal sealed class ExperimentFiles(
    FileLayout layout, ExperimentReader reader, RunFiles runs, FolderAddressing form, TimeProvider clock, ILogger logger)
{
    private const string DefaultId = "0";
    private const string DefaultName = "Default";

    /// <summary>
    /// Makes the store with its default experiment when there is no such folder; leaves one that is there as it is, as MLflow does.
    /// </summary>
    public void MakeStore()
    {
        if (Directory.Exists(layout.Root))
        {
            return;
        }

        Directory.CreateDirectory(layout.Trash);
        using var held = Lock(CancellationToken.None);
        if (layout.FindExperimentFolder(DefaultId) is null)
        {
            Make(DefaultId, DefaultName, ArtifactLocations.ForExperiment(form, layout.Root, DefaultId), new Dictionary<string, string>());
            if (logger.IsEnabled(LogLevel.Information))
            {
                SayNew();
            }
        }
    }

    // Apart, so that the message is not taken to pieces where nobody hears it: that is much of a program's first run.
    private void SayNew() => logger.LogInformation(
        "A new MLflow store was made in {Root}. MLflow after 3.11 opens folders only with MLFLOW_ALLOW_FILE_STORE=true.",
        layout.Root);

    public Experiment Create(
        string name, string? artifactLocation, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken)
    {
        MakeStore();
        using var held = Lock(cancellationToken);
        CheckIsFree(name, cancellationToken);

        // The default experiment has id 0 everywhere in MLflow, also where a folder had to be made into a store by hand.
        var id = name == DefaultName && layout.FindExperimentFolder(DefaultId) is null ? DefaultId : NewId();
        var location = artifactLocation is null
            ? ArtifactLocations.ForExperiment(form, layout.Root, id)
            : ArtifactLocations.Normalize(artifactLocation);
        Make(id, name, location, tags ?? new Dictionary<string, string>());
        return reader.Get(id, cancellationToken);
    }

    public void Rename(string experimentId, string newName, CancellationToken cancellationToken)
    {
        using var held = Lock(cancellationToken);
        var folder = RequireActive(experimentId);
        if (reader.Get(experimentId, cancellationToken).Name == newName)
        {
            return;
        }

        CheckIsFree(newName, cancellationToken);
        Rewrite(folder, yaml => yaml.Set("name", newName), cancellationToken);
    }

    public void Delete(string experimentId, CancellationToken cancellationToken)
    {
        if (experimentId == DefaultId)
        {
            throw new ModelTrackException(ErrorCode.InvalidParameterValue, "The default experiment cannot be deleted.");
        }

        using var held = Lock(cancellationToken);
        var folder = RequireActive(experimentId);
        SetStage(folder, LifecycleStage.Deleted, cancellationToken);
        Directory.CreateDirectory(layout.Trash);
        Directory.Move(folder, layout.Trash + "/" + experimentId);
    }

    public void Restore(string experimentId, CancellationToken cancellationToken)
    {
        using var held = Lock(cancellationToken);
        var folder = layout.FindDeletedExperimentFolder(experimentId) ?? throw new ModelTrackException(
            ErrorCode.ResourceDoesNotExist, $"There is no deleted experiment '{experimentId}'.");
        var place = layout.Root + "/" + experimentId;
        if (Directory.Exists(place))
        {
            throw new ModelTrackException(ErrorCode.ResourceAlreadyExists, $"There is an active experiment '{experimentId}' already.");
        }

        SetStage(folder, LifecycleStage.Active, cancellationToken);
        Directory.Move(folder, place);
    }

    public void SetTag(string experimentId, string key, string value, CancellationToken cancellationToken)
    {
        using var held = Lock(cancellationToken);
        var folder = RequireActive(experimentId);
        KeyFiles.Write(FileLayout.Tags(folder), key, value, folder);
    }

    public void DeleteTag(string experimentId, string key, CancellationToken cancellationToken)
    {
        using var held = Lock(cancellationToken);
        if (!KeyFiles.Delete(FileLayout.Tags(RequireActive(experimentId)), key))
        {
            throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"The experiment '{experimentId}' has no tag '{key}'.");
        }
    }

    private FolderLock Lock(CancellationToken cancellationToken)
        => FolderLock.Acquire(layout.Root, clock, cancellationToken);

    private string RequireActive(string experimentId)
        => layout.FindActiveExperimentFolder(experimentId) ?? throw (layout.FindDeletedExperimentFolder(experimentId) is null
            ? new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no experiment '{experimentId}'.")
            : new ModelTrackException(ErrorCode.InvalidParameterValue, $"The experiment '{experimentId}' is deleted; restore it first."));

    private void CheckIsFree(string name, CancellationToken cancellationToken)
    {
        if (reader.Find(name, cancellationToken) is { } taken)
        {
            var state = taken.LifecycleStage == LifecycleStage.Deleted ? "a deleted experiment" : "an experiment";
            throw new ModelTrackException(
                ErrorCode.ResourceAlreadyExists, $"There is {state} named '{name}' already (id {taken.Id}).");
        }
    }

    private void Make(string id, string name, string artifactLocation, IReadOnlyDictionary<string, string> tags)
    {
        var folder = layout.Root + "/" + id;
        Directory.CreateDirectory(folder);
        foreach (var (key, value) in tags)
        {
            KeyFiles.Write(FileLayout.Tags(folder), key, value, folder);
        }

        // Last, since a folder is an experiment from then on.
        var now = Now;
        var yaml = new MetaYaml();
        yaml.Set("artifact_location", artifactLocation);
        yaml.Set("creation_time", now);
        yaml.Set("experiment_id", id);
        yaml.Set("last_update_time", now);
        yaml.Set("lifecycle_stage", RunMeta.Active);
        yaml.Set("name", name);
        MetaFile.Write(folder, yaml);
    }

    // As in MLflow, all runs go with their experiment, and come back with it even if they had been deleted before.
    private void SetStage(string folder, LifecycleStage stage, CancellationToken cancellationToken)
    {
        foreach (var run in FileLayout.ListRunFolders(folder).Where(f => File.Exists(FileLayout.Meta(f))))
        {
            try
            {
                runs.SetStage(run, stage, cancellationToken);
            }
            catch (InvalidDataException e)
            {
                logger.LogWarning(e, "The damaged run {Folder} keeps its stage.", run);
            }
        }

        var word = stage == LifecycleStage.Deleted ? RunMeta.Deleted : RunMeta.Active;
        Rewrite(folder, yaml => yaml.Set("lifecycle_stage", word), cancellationToken);
    }

    private void Rewrite(string folder, Action<MetaYaml> change, CancellationToken cancellationToken)
    {
        var yaml = MetaFile.ReadPatiently(folder, clock, cancellationToken);
        change(yaml);
        yaml.Set("last_update_time", Now);
        MetaFile.Write(folder, yaml);
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    // 18 digits, the first of them not 0: what MLflow makes, and what fits the integers of its databases.
    private string NewId()
    {
        while (true)
        {
            var id = Random.Shared.Next(100_000_000, 1_000_000_000).ToString(CultureInfo.InvariantCulture)
                + Random.Shared.Next(0, 1_000_000_000).ToString("D9", CultureInfo.InvariantCulture);
            if (layout.FindExperimentFolder(id) is null)
            {
                return id;
            }
        }
    }
}
