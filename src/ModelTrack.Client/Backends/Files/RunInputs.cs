using Microsoft.Extensions.Logging;

namespace ModelTrack.Client.Backends.Files;

/// <summary>What a run used, from its folder <c>inputs</c>.</summary>
internal sealed record RunInputs(IReadOnlyList<DatasetInput> Datasets, IReadOnlyList<string> Models)
{
    public static readonly RunInputs None = new([], []);

    public static RunInputs Read(string runFolder, FileScratch scratch, ILogger logger)
    {
        var datasets = new List<DatasetInput>();
        var models = new List<string>();
        foreach (var yaml in ReadAll(FileLayout.Inputs(runFolder), scratch, logger))
        {
            var source = yaml.GetText("source_id") ?? "";
            switch (yaml.GetText("source_type"))
            {
                case "MODEL":
                    models.Add(source);
                    break;
                case "DATASET" when ReadDataset(runFolder, source, scratch, logger) is { } dataset:
                    datasets.Add(dataset with { Tags = yaml.GetMap("tags") });
                    break;
            }
        }

        return new RunInputs(datasets, models);
    }

    /// <summary>The metas of the folders in a folder; one that cannot be read is passed over with a warning.</summary>
    public static IEnumerable<MetaYaml> ReadAll(string folder, FileScratch scratch, ILogger logger)
    {
        foreach (var name in FolderNames.List(folder).Order(StringComparer.Ordinal))
        {
            if (TryRead(folder + "/" + name, scratch, logger) is { } yaml)
            {
                yield return yaml;
            }
        }
    }

    private static DatasetInput? ReadDataset(string runFolder, string id, FileScratch scratch, ILogger logger)
        => FileLayout.IsId(id) && TryRead(FileLayout.Datasets(Path.GetDirectoryName(runFolder)!) + "/" + id, scratch, logger) is { } yaml
            ? new DatasetInput(
                yaml.GetText("name") ?? "",
                yaml.GetText("digest") ?? "",
                yaml.GetText("source_type") ?? "",
                yaml.GetText("source") ?? "",
                yaml.GetText("schema"),
                yaml.GetText("profile"),
                new Dictionary<string, string>())
            : null;

    private static MetaYaml? TryRead(string folder, FileScratch scratch, ILogger logger)
    {
        try
        {
            return MetaFile.Read(folder, scratch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            logger.LogWarning(e, "The input or output {Folder} of a run cannot be read and was skipped.", folder);
            return null;
        }
    }
}
