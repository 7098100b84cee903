using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>The logged models of an <c>mlruns</c> folder: the folders <c>models/m-…</c> of its experiments.</summary>
internal sealed class FileLoggedModels(FileLayout layout, TimeProvider clock, ILogger logger) : ILoggedModels
{
    /// <summary>Where MLflow notes of what a logged model is a version.</summary>
    private const string VersionsTag = "mlflow.modelVersions";

    public ValueTask<LoggedModelPlace?> FindAsync(string modelId, CancellationToken cancellationToken)
        => StoreCall.Do(() => FindFolder(modelId) is { } folder ? Read(folder)?.Place : null);

    public ValueTask<LoggedModelPlace?> FindOfRunAsync(RunSnapshot run, string name, CancellationToken cancellationToken)
        => StoreCall.Do(() =>
        {
            var steps = run.ModelOutputs.DistinctBy(output => output.ModelId).ToDictionary(output => output.ModelId, output => output.Step);
            return layout.FindActiveExperimentFolder(run.ExperimentId) is { } experiment
                ? ListFolders(experiment)
                    .Select(Read)
                    .Where(model => model is not null && model.Place.Name == name && model.Place.SourceRunId == run.Id)
                    .OrderByDescending(model => steps.GetValueOrDefault(model!.Place.ModelId, long.MinValue))
                    .ThenByDescending(model => model!.CreationTime)
                    .FirstOrDefault()?.Place
                : null;
        });

    public ValueTask<LoggedModelRecords?> ReadAsync(string modelId, CancellationToken cancellationToken)
        => StoreCall.Do(() =>
        {
            if (FindFolder(modelId) is not { } folder || Read(folder) is not { } model)
            {
                return null;
            }

            using var scratch = new FileScratch();
            var parameters = FileLayout.Params(folder);
            return new LoggedModelRecords(
                Directory.Exists(parameters) ? KeyFiles.ReadAll(parameters, scratch, logger) : [], model.Place.Tags, ReadMetrics(folder));
        });

    public ValueTask NoteVersionAsync(string modelId, string registeredName, int version, CancellationToken cancellationToken)
        => StoreCall.Do(() =>
        {
            if (FindFolder(modelId) is not { } folder)
            {
                return;
            }

            using var held = FolderLock.Acquire(folder, clock, cancellationToken);
            var tags = FileLayout.Tags(folder);
            var versions = ReadVersions(tags);
            versions.Add((JsonNode)new JsonObject { ["name"] = registeredName, ["version"] = version });
            KeyFiles.Write(tags, VersionsTag, versions.ToJsonString(), folder);
        });

    /// <summary>The lines are those of a run's metrics with the run's id behind the step.</summary>
    private List<LoggedModelMetric> ReadMetrics(string folder)
    {
        var metrics = new List<LoggedModelMetric>();
        var root = FileLayout.Metrics(folder);
        foreach (var path in Directory.Exists(root) ? KeyFiles.List(root) : [])
        {
            if (KeyFiles.ToKey(root, path, logger) is not { } key)
            {
                continue;
            }

            foreach (var line in File.ReadLines(path))
            {
                var parts = line.Split(' ', StringSplitOptions.TrimEntries);
                if (parts.Length is 4 or 6 && MetricLine.TryParse(Encoding.UTF8.GetBytes(string.Join(' ', parts[..3])), out var point))
                {
                    metrics.Add(new LoggedModelMetric(
                        parts[3], key, point, parts.ElementAtOrDefault(4), parts.ElementAtOrDefault(5)));
                }
            }
        }

        return metrics;
    }

    private static string ModelsOf(string experimentFolder) => experimentFolder + "/models";

    private static IEnumerable<string> ListFolders(string experimentFolder)
    {
        var models = ModelsOf(experimentFolder);
        return Directory.Exists(models) ? FolderNames.List(models).Select(name => models + "/" + name) : [];
    }

    private string? FindFolder(string modelId)
        => FileLayout.IsId(modelId)
            ? layout.ListExperimentFolders(ViewType.ActiveOnly)
                .Select(experiment => ModelsOf(experiment) + "/" + modelId)
                .FirstOrDefault(folder => File.Exists(FileLayout.Meta(folder)))
            : null;

    private sealed record LoggedModel(LoggedModelPlace Place, long CreationTime);

    /// <summary>Null when it is deleted, or damaged.</summary>
    private LoggedModel? Read(string folder)
    {
        try
        {
            using var scratch = new FileScratch();
            var yaml = MetaFile.Read(folder, scratch);
            return RunMeta.GetStage(yaml) == LifecycleStage.Deleted
                ? null
                : new LoggedModel(
                    new LoggedModelPlace(
                        yaml.GetRequiredText("model_id"),
                        yaml.GetRequiredText("artifact_location"),
                        yaml.GetText("source_run_id").OrNull())
                    {
                        Name = yaml.GetText("name") ?? "",
                        ModelType = yaml.GetText("model_type").OrNull(),
                        Tags = Directory.Exists(FileLayout.Tags(folder)) ? KeyFiles.ReadAll(FileLayout.Tags(folder), scratch, logger) : [],
                        Folder = Directory.Exists(FileLayout.Artifacts(folder)) ? FileLayout.Artifacts(folder) : null,
                        Fault = yaml.GetText("status") switch
                        {
                            "1" => LoggedModelPlace.IsPending,
                            "3" => LoggedModelPlace.HasFailed,
                            _ => null,
                        },
                    },
                    yaml.GetInteger("creation_timestamp") ?? 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (InvalidDataException e)
        {
            logger.LogWarning(e, "The damaged logged model {Folder} was skipped.", folder);
            return null;
        }
    }

    private JsonArray ReadVersions(string tags)
    {
        var file = KeyPath.Of(tags, VersionsTag);
        try
        {
            return File.Exists(file) && JsonNode.Parse(File.ReadAllText(file)) is JsonArray versions ? versions : [];
        }
        catch (JsonException e)
        {
            logger.LogWarning(e, "The tag {Tag} in {Folder} is no list of versions and was replaced.", VersionsTag, tags);
            return [];
        }
    }
}
