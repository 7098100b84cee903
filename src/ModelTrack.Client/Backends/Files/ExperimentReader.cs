using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>Reads experiments.</summary>
internal sealed class ExperimentReader(FileLayout layout, TimeProvider clock, ILogger logger)
{
    /// <exception cref="ModelTrackException">There is none, or it is damaged.</exception>
    public Experiment Get(string experimentId, CancellationToken cancellationToken)
    {
        var folder = layout.FindExperimentFolder(experimentId)
            ?? throw new ModelTrackException(ErrorCode.ResourceDoesNotExist, $"There is no experiment '{experimentId}'.");
        try
        {
            return MetaFile.Patiently(() => Read(folder), folder, clock, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new ModelTrackException(
                ErrorCode.InvalidState, $"The experiment '{experimentId}' is damaged ('{FileLayout.Meta(folder)}'): {e.Message}", e);
        }
    }

    /// <summary>The experiment of that name; an active one before a deleted one, should there be two.</summary>
    public Experiment? Find(string name, CancellationToken cancellationToken)
    {
        using var scratch = new FileScratch();
        foreach (var folder in layout.ListExperimentFolders(ViewType.All))
        {
            if (TryRead(folder, f => ToExperiment(MetaFile.Read(f, scratch), f), cancellationToken) is { } found && found.Name == name)
            {
                return WithTags(found, folder, scratch);
            }
        }

        return null;
    }

    /// <summary>All that can be read, each one damaged with a warning instead.</summary>
    public List<Experiment> List(ViewType view, CancellationToken cancellationToken)
        => [.. layout.ListExperimentFolders(view).Select(f => TryRead(f, Read, cancellationToken)).OfType<Experiment>()];

    private Experiment? TryRead(string folder, Func<string, Experiment> read, CancellationToken cancellationToken)
    {
        try
        {
            return MetaFile.Patiently(() => read(folder), folder, clock, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning(e, "The damaged experiment {Folder} was skipped.", folder);
            return null;
        }
    }

    private Experiment Read(string folder)
    {
        using var scratch = new FileScratch();
        return WithTags(ToExperiment(MetaFile.Read(folder, scratch), folder), folder, scratch);
    }

    private Experiment WithTags(Experiment experiment, string folder, FileScratch scratch)
    {
        var tags = FileLayout.Tags(folder);
        return Directory.Exists(tags) ? experiment with { Tags = KeyFiles.ReadAll(tags, scratch, logger) } : experiment;
    }

    private static Experiment ToExperiment(MetaYaml yaml, string folder)
    {
        var id = yaml.GetRequiredText("experiment_id");
        if (!Path.GetFileName(folder.AsSpan()).SequenceEqual(id))
        {
            throw new InvalidDataException($"It is of experiment '{id}', not of the one in whose folder it lies.");
        }

        return new Experiment
        {
            Id = id,
            Name = yaml.GetRequiredText("name"),
            ArtifactLocation = yaml.GetText("artifact_location") ?? "",
            LifecycleStage = RunMeta.GetStage(yaml),
            CreationTime = yaml.GetTime("creation_time"),
            LastUpdateTime = yaml.GetTime("last_update_time"),
        };
    }
}
